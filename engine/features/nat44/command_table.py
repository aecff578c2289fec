"""The table that the commands of NAT44 are declared in."""

from ...cli import CommandTable

commands = CommandTable()

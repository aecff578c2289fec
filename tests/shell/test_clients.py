"""The binary API through the socket: typed methods, attributes, and asyncio."""

import asyncio
import inspect

import pytest

from shell.async_client import AsyncClient
from shell.client import Client, RemoteError, UnreachableError
from shell.messages import Messages


def test_messages_with_attributes_as_in_vpp_papi(engine):
    with Client(engine) as client:
        index = client.api.pg_create_interface(interface_id=0).sw_if_index
        client.api.sw_interface_set_flags(sw_if_index=index, flags=1)
        assert client.api.sw_interface_add_del_address(sw_if_index=index, prefix="10.0.0.1/24").retval == 0
        path = {"sw_if_index": index, "nh": {"address": {"ip4": "10.0.0.2"}}}
        route = {"prefix": "10.9.0.0/16", "n_paths": 1, "paths": [path]}
        assert client.api.ip_route_add_del(route=route).retval == 0
        found = client.api.ip_route_lookup(prefix="10.9.1.1/32").route
        assert found.prefix == "10.9.0.0/16"
        assert found.paths[0].nh.address.ip4 == "10.0.0.2"
        assert [each.interface_name for each in client.api.sw_interface_dump()] == ["local0", "pg0"]
        reply, nodes = client.api.graph_node_get(name="ip4-input")
        assert (reply.retval, nodes[0].name) == (0, "ip4-input")
        assert client.api.acl_del(acl_index=7).retval < 0
        with pytest.raises(AttributeError):
            _ = found.nonsense


def test_wrong_fields_are_refused(engine):
    with Client(engine) as client:
        with pytest.raises(RemoteError, match="of the wrong kind") as caught:
            client.api.ip_route_add_del(route=5)
        assert caught.value.kind == "MessageError"


def test_every_method_has_a_docstring():
    methods = [method for name, method in inspect.getmembers(Messages, inspect.isfunction) if not name.startswith("_")]
    assert len(methods) > 100
    assert all(inspect.getdoc(method) for method in methods)


def test_asyncio_many_calls_at_once(engine):
    async def talk():
        async with await AsyncClient.connect(engine) as client:
            made = await asyncio.gather(*(client.api.create_loopback() for _ in range(20)))
            assert [each.retval for each in made] == [0] * 20
            rows, text = await asyncio.gather(client.api.sw_interface_dump(), client.cli("show version"))
            assert len(rows) == 21 and text.startswith("vpp v")
            assert ("version", "show version [verbose] [cmdline]") in await client.complete("show ver")
            assert (await client.data("show interface"))["interfaces"][0]["name"] == "local0"
            with pytest.raises(RemoteError, match="no message 'nonsense'"):
                await client.call("nonsense")

    asyncio.run(talk())


def test_asyncio_a_call_given_up_does_not_disturb_others(engine):
    async def talk():
        async with await AsyncClient.connect(engine) as client:
            given_up = asyncio.create_task(client.cli("show version"))
            await asyncio.sleep(0)
            given_up.cancel()
            assert (await client.cli("show nonsense")).startswith("show: unknown input")

    asyncio.run(talk())


def test_asyncio_nobody_there(tmp_path):
    with pytest.raises(UnreachableError, match="No such file"):
        asyncio.run(AsyncClient.connect(str(tmp_path / "none.sock")))


def test_asyncio_the_engine_goes_away(tmp_path):
    async def talk():
        async def hang_up(reader, writer):
            await reader.read(10)
            writer.close()

        server = await asyncio.start_unix_server(hang_up, str(tmp_path / "x.sock"))
        async with await AsyncClient.connect(str(tmp_path / "x.sock")) as client:
            with pytest.raises(UnreachableError, match="has closed the connection"):
                await client.cli("show version")
            with pytest.raises(UnreachableError):
                await client.cli("show version")
        server.close()
        await server.wait_closed()

    asyncio.run(talk())

"""The table of messages, in process."""

import pytest

from engine.errors import ControlError
from engine.messages import Api, MessageError, MessageTable

table = MessageTable()


class InUseError(ControlError):
    retval = -142


@table.message("thing_add", also=["thing_add_v1"])
def thing_add(vpp, name, tag=""):
    if name == "taken":
        raise InUseError("taken")
    if name == "bad":
        raise ControlError("bad")
    vpp.append(name)
    return {"thing_index": len(vpp) - 1}


@table.message("thing_dump")
def thing_dump(vpp, thing_index=0xFFFFFFFF):
    return ({"thing_index": index, "name": name} for index, name in enumerate(vpp))


@table.message("thing_clear")
def thing_clear(vpp):
    vpp.clear()


@pytest.fixture
def api():
    return Api([], [table])


def test_replies_and_details_have_attributes_as_in_vpp_papi(api):
    assert (api.thing_add(name="a").retval, api.thing_add(name="b").thing_index) == (0, 1)
    assert [(each.thing_index, each.name) for each in api.thing_dump()] == [(0, "a"), (1, "b")]
    assert api.thing_clear().retval == 0
    assert api.thing_dump() == []


def test_older_names(api):
    assert api.thing_add_v1(name="a").retval == 0


def test_errors_are_return_values(api):
    assert api.thing_add(name="taken").retval == -142
    assert api.thing_add(name="bad").retval == -1
    assert api.thing_dump() == []


@pytest.mark.parametrize(("name", "fields"), [("thing_add", {}), ("thing_add", {"name": "a", "x": 1}), ("none", {})])
def test_wrong_messages_are_refused(api, name, fields):
    with pytest.raises(MessageError, match=name):
        api.call(name, **fields)


def test_unknown_attributes(api):
    with pytest.raises(AttributeError):
        api.none()
    with pytest.raises(AttributeError):
        _ = api.thing_add(name="a").none
    assert "thing_dump" in dir(api)


def test_a_message_is_declared_once():
    with pytest.raises(ValueError, match="twice"):
        table.message("thing_add")(lambda vpp: None)
    other = MessageTable()
    other.message("thing_add")(lambda vpp: None)
    with pytest.raises(ValueError, match="twice"):
        Api([], [table, other])

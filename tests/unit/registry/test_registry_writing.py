"""What is written is read back as it was, whatever it is called."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.config.marked_yaml import read_marked
from shared.domain.hazard import Hazard
from shared.domain.person import Address, Duty, Person, Team
from shared.domain.place import Area, AreaKind, Asset, AssetKind, Link, LinkKind, Site, SiteKind
from shared.domain.quantity import Quantity, units_of
from shared.domain.sensor import Sensor
from shared.registry.draft import Draft, Notes, Shelf, Spot
from shared.registry.geojson import parse_geojson
from shared.registry.load import load_registry
from shared.registry.parse import parse
from shared.registry.sensors_csv import parse_sensors
from shared.registry.writing import geojson_text, registry_text, sensors_text

SPOT = Spot("f", 1)
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)
ids = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="/+#$_"),
    min_size=1,
    max_size=12,
)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def drafts(draw):
    draft = Draft("f", name=draw(names), timezone="UTC")
    key, name, name_zh = draw(ids), draw(names), draw(names)
    pieces = [
        (draft.areas, Area(key, draw(st.sampled_from(AreaKind)), name, name_zh, draw(ids))),
        (draft.sites, Site(key, draw(st.sampled_from(SiteKind)), name, name_zh, draw(ids))),
        (draft.assets, Asset(
            key, draw(st.sampled_from(AssetKind)), name, name_zh, site=draw(ids), area=draw(ids),
            storey=draw(st.none() | st.integers(-9, 200)),
            height_m=draw(st.none() | st.floats(0.1, 999)),
            occupancy=draw(st.integers(0, 10**6)), criticality=draw(st.floats(0, 1)),
        )),
        (draft.people, Person(key, name, "zh", (Address(draw(names), draw(names)),))),
        (draft.teams, Team(key, name, name_zh, tuple(draw(st.lists(ids, min_size=1, max_size=3,
                                                                   unique=True))))),
    ]  # fmt: skip
    for shelf, piece in pieces:
        shelf.kept[key] = piece
    length_m = draw(st.none() | st.floats(0, 1e6))
    draft.links = [(Link(draw(ids), draw(ids), draw(st.sampled_from(LinkKind)), length_m), SPOT)]
    duty = Duty(draw(ids), draw(st.none() | st.sampled_from(Hazard)), draw(ids))
    draft.duties = [(duty, SPOT)]
    return draft


@st.composite
def sensors(draw):
    quantity = draw(st.sampled_from(Quantity))
    low, high = sorted(draw(st.lists(finite, min_size=2, max_size=2, unique=True)))
    return Sensor(
        id=draw(ids), asset=draw(ids), quantity=quantity, low=low, high=high,
        unit=draw(st.sampled_from(units_of(quantity))),
        interval_s=draw(st.floats(0.001, 86_400)), name=draw(names),
    )  # fmt: skip


@settings(max_examples=40)
@given(drafts(), st.lists(sensors(), max_size=2, unique_by=lambda one: one.id))
def test_a_registry_comes_back_whole(draft, inline):
    text = registry_text(draft, inline)

    root, complaints = read_marked(text, file="f")
    again, notes = Draft("f"), Notes()
    assert not complaints
    assert parse(root, again, notes)

    assert notes.all(registry="f") == ()
    for shelf in ("areas", "sites", "assets", "people", "teams"):
        assert getattr(again, shelf).kept == getattr(draft, shelf).kept
        assert len(getattr(again, shelf).kept) == 1
    assert [link for link, _ in again.links] == [link for link, _ in draft.links]
    assert [duty for duty, _ in again.duties] == [duty for duty, _ in draft.duties]
    assert again.sensors.kept == {one.id: one for one in inline}
    assert again.name == draft.name


@settings(max_examples=40)
@given(st.lists(sensors(), min_size=1, max_size=3, unique_by=lambda one: one.id))
@example([Sensor("a", "a", Quantity.O2, "%vol", 1.0, 0.0, 1.0, "broken\rname")])
def test_a_table_comes_back_whole(wanted):
    # A table trims its cells.
    wanted = [replace(one, name=one.name.strip()) for one in wanted]
    shelf, notes = Shelf("sensor"), Notes()

    parse_sensors(sensors_text(wanted), file="f", shelf=shelf, notes=notes)

    assert notes.all(registry="f") == ()
    assert list(shelf.kept.values()) == wanted


def test_shapes_come_back_whole():
    city = load_registry()
    wanted = {
        piece.id: piece.geometry
        for piece in [*city.assets.values(), *city.areas.values()]
        if piece.geometry is not None
    }
    again, notes = Draft("f"), Notes()
    again.assets.spots = dict.fromkeys(wanted, SPOT)

    parse_geojson(geojson_text(wanted.items()), file="f", draft=again, notes=notes)

    assert notes.all(registry="f") == ()
    assert {key: shape for key, (shape, _) in again.shapes.items()} == wanted
    assert len(wanted) > 100

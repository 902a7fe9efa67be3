"""A registry with more than twenty faults in three files is answered once, with all of them."""

from pathlib import Path

from shared.registry.lint import lint_registry

MUDDLE = Path(__file__).parent / "twenty-faults"

EXPECTED = """\
registry.yaml:3: registry: timezone 'Asia/Shangai' is not known; use an IANA name such as Asia/Shanghai
registry.yaml:4: file '../secrets.csv' lies outside the registry's folder; put it beside the registry
registry.yaml:8: a red incident in 'east' would reach nobody: fire, water, fire-water, flood, machine; add a duty of it or of an area above, with a team that has members
registry.yaml:9: area 'west': kind 'distrct' is not known; did you mean 'district'?
registry.yaml:10: area 'lane' names area 'est', which does not exist; did you mean 'west'?
registry.yaml:13: site 'shed' names area 'nowhere', which does not exist; add area 'nowhere' or name another
registry.yaml:15: asset 'bore': criticality 3.0 is not between 0 and 1; use 0 for nothing lost to 1 for everything
registry.yaml:17: asset 'bay' stands twice, first at line 16; rename one of them
registry.yaml:18: asset 'loft/1': id 'loft/1' holds '/', which MQTT topics do not allow; use letters, digits and dashes
registry.yaml:18: asset 'loft/1': 'colour' is not a field of it; known are area, criticality, height_m, id, kind, name, name_zh, occupancy, site, storey
registry.yaml:20: a link names asset 'bya', which does not exist; did you mean 'bay'?
registry.yaml:22: person 'mute': has no address; add addresses: [{channel: console, target: ...}]
registry.yaml:24: team 'crew' names person 'nobody', which does not exist; add person 'nobody' or name another
registry.yaml:25: team 'ghosts': has no members; add members: [person, ...]
registry.yaml:28: duty: hazard 'fier' is not known; did you mean 'fire'?
sensors.csv:2: sensor 'bay-ch4': low 100 is not below high 0; swap or widen them
sensors.csv:3: sensor 'bay-o2': interval_s 0 is not above 0; give the seconds between two readings
sensors.csv:4: sensor 'bay-co': unit 'mg' is no unit of co; use one of ppm, mg/m3, %vol
sensors.csv:5: sensor 'bay-h2s' names asset 'bayy', which does not exist; did you mean 'bay'?
sensors.csv:6: sensor 'bay-temp': quantity 'temprature' is not known; did you mean 'temperature'?
sensors.csv:7: sensor 'bay-level': low is not a number: 'zero'; write it in digits
sensors.csv:8: has 6 cells where 7 are named; fill the missing cells or quote a comma
shapes.geojson:2: geometry of 'bay' has longitude and latitude swapped: [30.6, 114.3]; correct its coordinates
shapes.geojson:3: geometry of 'east' is an open ring: its first position must come again as the last; correct its coordinates
shapes.geojson:4: geometry of 'bat', which is no asset and no area; did you mean 'bay'?
"""  # noqa: E501  the lines are what a person reads


def test_every_fault_is_named_at_once_with_file_line_and_mend():
    told = "".join(f"{str(one).removeprefix(f'{MUDDLE}/')}\n" for one in lint_registry(MUDDLE))

    assert told == EXPECTED
    assert len(EXPECTED.splitlines()) > 20

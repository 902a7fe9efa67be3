"""What ``tocsin scenario new`` writes: a story that can be played, and says how to change it."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
# A scenario: what happens in a city, and what somebody ought to notice of it. Check it with
#   tocsin scenario check {file}
# play it to a broker with
#   tocsin simulate {file} --speed 60
# and see whether it would have been caught with
#   tocsin evaluate {file} --seeds 1..5 --report report
# Every time is in seconds from the scenario's start. docs/scenarios.md lists all kinds and fields.

name: {name}
family: G                  # W water, G gas, F fire, C several at once, S sensors that lie
summary:
  en: Gas seeps into a valve chamber while its oxygen cell reads too low.
  zh: 燃气渗入阀门井，同时氧气传感器读数偏低。
expects:
  en: Orange within half an hour of the leak; one incident, not two.

seed: 1                    # the seed it was tried with; evaluate asks for others
duration_s: 7200
# start: 2026-11-23T02:00:00Z   # the moment of second 0; fixed, so that event ids repeat

# city: demo               # the configured registry; or
# city: {{network: Net3}}    # a pipe network, by name or as the path of an .inp file; or
# city: {{generated: 5000, seed: 7}}

sites: [{{site_of: here}}]   # which sites live; leave it out for the whole city
every_s_max: 30            # sensors report at least this often
# every_s: 900             # or exactly so often, for stories of days and weeks

happenings:
  - kind: gas-leak
    asset: {{any: chamber, has: [ch4, o2], as: here}}   # or a name: vc-07
    leak_m3h: {{between: [0.4, 0.6]}}                   # or a number: 0.5
    volume_m3: 10
    from_s: 1800
    until_s: 5400          # people have stopped it; what is left still fades
    truth: {{what: gas, level: orange, earliest_s: 1800, latest_s: 3600}}

faults:                    # sensors that lie
  - kind: bias
    asset: {{same: here}}
    quantity: o2
    by: -0.4
    from_s: 900

# truth:                   # what no single happening or fault carries
#   - {{quiet: true, from_s: 0, until_s: 1800}}          # nothing may be raised
"""

/**
 * The shapes the alert service answers with, for the type checker; nothing here runs.
 *
 * @typedef {"blue"|"yellow"|"orange"|"red"} Level
 * @typedef {"calling"|"unanswered"|"acknowledged"|"returned"|"resolved"} Phase
 * @typedef {{en: string, zh: string}} Words a text in both languages
 *
 * @typedef {object} Told one message to one person on one channel and its strongest receipt
 * @property {string} person
 * @property {string} name
 * @property {string} team
 * @property {string} channel
 * @property {string} state
 * @property {string|null} [at]
 * @property {string|null} [settled_at]
 * @property {string} [owed_at]
 * @property {string} [why]
 * @property {string} [because] why it was postponed or written off, in the sender's own words
 *
 * @typedef {object} Card what people work on
 * @property {string} id
 * @property {number} sequence the number of the change that made this card what it is
 * @property {number} version
 * @property {string} run empty for the real city
 * @property {boolean} exercise
 * @property {string} site
 * @property {string} asset
 * @property {Words} asset_name
 * @property {{id: string, kind: string, en: string, zh: string}[]} place city first
 * @property {[number, number]|null} position longitude, latitude
 * @property {string} hazard
 * @property {Level} level
 * @property {Level} worst_level
 * @property {Phase} phase
 * @property {boolean} verified
 * @property {string} opened_at
 * @property {string} changed_at
 * @property {string} decided_at event time
 * @property {Words} sentence
 * @property {Words} headline
 * @property {string|null} acknowledged_by
 * @property {string|null} acknowledged_at
 * @property {string|null} resolved_by
 * @property {string|null} resolved_at
 * @property {string|null} resolution
 * @property {string|null} next_deadline
 * @property {Words|null} next_step
 * @property {Told[]} told
 * @property {string[]} actions
 * @property {number[]|null} spark
 *
 * @typedef {object} Limit
 * @property {Level} level
 * @property {number} value in the quantity's canonical unit
 * @property {string} source the standard it comes from
 * @property {string} confidence
 *
 * @typedef {object} Evidence the readings that caused it, canonical unit
 * @property {string} sensor
 * @property {string} quantity
 * @property {string} unit
 * @property {[string, number][]} points
 * @property {number|null} expected_low
 * @property {number|null} expected_high
 * @property {Limit[]} limits
 *
 * @typedef {object} Reason
 * @property {string} code
 * @property {string} sensor
 * @property {string} quantity
 * @property {Level} level
 * @property {number} value
 * @property {number|null} limit
 * @property {string} source
 *
 * @typedef {object} RiskEvent
 * @property {string} id
 * @property {string} kind
 * @property {Level} level
 * @property {string} decided_at
 * @property {number} likelihood
 * @property {Reason[]} reasons
 *
 * @typedef {{at: string, kind: string, by: string|null, text: Words}} Moment
 *
 * @typedef {Card & {events: RiskEvent[], evidence: Evidence[], timeline: Moment[],
 *   notifications: Told[]}} Detail
 *
 * @typedef {object} Snapshot
 * @property {Card[]} incidents
 * @property {string|null} cursor
 * @property {number} sequence the last change this list knows of
 * @property {string} now
 *
 * @typedef {object} Pulse
 * @property {string} now
 * @property {number|null} readings_per_s
 * @property {number|null} event_to_feed_ms
 * @property {string} ledger
 * @property {number|null} waiting
 * @property {Record<string, string>} services
 *
 * @typedef {object} Asset
 * @property {string} id
 * @property {string} kind
 * @property {string} site
 * @property {string} area
 * @property {Words} name
 * @property {{type: string, coordinates: any}|null} geometry GeoJSON
 *
 * @typedef {object} City what the map draws
 * @property {Asset[]} assets
 * @property {{id: string, kind: string, parent: string|null, name: Words, geometry?: Asset["geometry"]}[]} areas
 * @property {{a: string, b: string, kind: string}[]} links
 * @property {{name: Words|string, timezone: string}} city
 */

export {};

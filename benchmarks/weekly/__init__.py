"""The simulator's model a second time, in plain NumPy and in pandas, week by week.

Written from docs/simulator.md and docs/ledger.md alone and sharing no code with `tiers.simulate`,
it serves the tests as a reference, the proofs as truth, and the benchmark as a peer.

It knows simple programmes only: one wallet, points per currency unit (by level, if wished) and on
joining, points that never expire, expire after a fixed time or at the end of a period, things as
rewards, levels by spend or orders in calendar blocks or for a lifetime, benefits per order and
month.
"""

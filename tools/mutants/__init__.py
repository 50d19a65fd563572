# SPDX-License-Identifier: EUPL-1.2
"""`make mutants`: would the Solidity tests notice if a line of a contract were wrong? See docs/mutants.md.

All mutants that can share one build are woven into it, each behind a switch, so that a mutant costs a run of the tests
and no compilation: `weave`. What cannot, and what those runs did not notice, is built alone as it would be deployed.
Everything happens on copies below build/mutants.
"""

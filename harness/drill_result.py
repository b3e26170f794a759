"""The result of a drill: every case with its incidents, and the counts."""

from collections import Counter
from typing import Any, get_args

import msgspec

from harness.judgement import CaseResult, Status
from harness.scorecard import Ratio
from scenarios.case_id import scenario_of
from scenarios.ground_truth import Kind


class DrillResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule did.

    ``rule_file``, ``expectations``, ``background`` and its ``caveat`` name in a few words what that rests on.
    """

    rule: str
    rule_file: str
    expectations: str
    background: str
    caveat: str
    seeds: tuple[int, ...]
    cases: tuple[CaseResult, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many cases there are of each status."""
        return Counter(case.status for case in self.cases)

    def is_met(self, *, not_run_is_fine: bool) -> bool:
        """Whether no case fails, each was staged in full for every seed, unless that does not matter, and any is ok."""
        run = not_run_is_fine or not self.counts["not run"]
        return run and not self.counts["failed"] and self.counts["ok"] > 0

    def signalled(self, kind: Kind) -> Ratio:
        """The share of the incidents of a kind that raised a signal, at whatever time."""
        cases = [case for case in self.cases if case.kind == kind]
        return Ratio(sum(len(case.signals) for case in cases), sum(len(case.judged) for case in cases))

    @property
    def detectable(self) -> Ratio:
        """The share of attacks that a rule of the same keys could see if it remembered everything.

        A rule that forgets may find more: it raises a signal again for what it forgot.
        """
        attacks = [each.sighting for case in self.cases if case.kind == "attack" for each in case.judged]
        return Ratio(sum(each.detectable for each in attacks), len(attacks))

    def shown(self) -> dict[str, Any]:
        """The result as JSON has it.

        ``rule`` (its name), ``rule_file``, ``expectations``, ``background``, ``seeds``; ``counts`` of cases: ``ok``,
        ``failed``, ``not_run``, ``void``; ``attacks``: ``signalled`` and ``detectable`` of so many incidents;
        ``look_alikes``: ``signalled`` of so many; ``cases``, a list of: ``case`` and ``scenario`` (ids), ``kind``,
        ``techniques``, ``expected`` as it is written, ``reason`` (null if there is none), ``origin`` of the expectation
        (``case``, ``scenario`` or ``default``), ``status``; ``incidents``: ``seed``, ``case``, ``run``, ``actor``,
        ``started_at``, ``detectable``, ``signal`` (null without one): ``seconds`` from the first detectable event,
        ``seconds_from_start`` from the first of all; ``asked``, whether anything was expected of it; ``failure`` (null
        if it meets that), ``knew``, ``why``; ``not_placed``: ``seed`` and ``reason``. Last a ``note``: what the
        results cannot say.
        """
        attacks, others = self.signalled("attack"), self.signalled("benign")
        return {
            "rule": self.rule,
            "rule_file": self.rule_file,
            "expectations": self.expectations,
            "background": self.background,
            "seeds": self.seeds,
            "counts": {name.replace(" ", "_"): self.counts[name] for name in get_args(Status)},
            "attacks": {"signalled": attacks.part, "detectable": self.detectable.part, "of": attacks.of},
            "look_alikes": {"signalled": others.part, "of": others.of},
            "cases": [_shown(case) for case in self.cases],
            "note": self.caveat,
        }


def _shown(case: CaseResult) -> dict[str, Any]:
    return {
        "case": case.case,
        "scenario": scenario_of(case.case),
        "kind": case.kind,
        "techniques": case.techniques,
        "expected": str(case.expected),
        "reason": case.expected.reason or None,
        "origin": case.origin,
        "status": case.status,
        "incidents": [
            {**msgspec.structs.asdict(each.sighting), "asked": each.asked, "failure": each.failure}
            for each in case.judged
        ],
        "not_placed": [msgspec.structs.asdict(each) for each in case.not_placed],
    }

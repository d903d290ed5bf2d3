"""Policies: who is eligible, what they cost, what goes together, when to apply."""

from jicheng.select.policies.from_zone import match_policies
from jicheng.select.policies.matching import PoliciesResult, match
from jicheng.select.policies.model import Benefit, Policy, PolicySubject, Recurrence, read_policies
from jicheng.select.policies.settings import PolicySettings
from jicheng.select.policies.subject import SubjectPolicies, explain_subject
from jicheng.select.policies.windows import calendar, icalendar

__all__ = [
    "Benefit",
    "PoliciesResult",
    "Policy",
    "PolicySettings",
    "PolicySubject",
    "Recurrence",
    "SubjectPolicies",
    "calendar",
    "explain_subject",
    "icalendar",
    "match",
    "match_policies",
    "read_policies",
]

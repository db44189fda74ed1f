"""Who may do what: one policy table, default deny, and what forbids wins over what permits.

A person has roles, offices and compartments; the matter that an action touches may belong to an
office and to compartments.  An action is allowed when no row forbids it, at least one row permits
it, and the person is cleared for every compartment of the matter.  The order of the rows means
nothing, so a row can be added without reading the others.

Source: NIST SP 800-53 r5, AC-3 (enforcement), AC-5 (separation of duties), AC-6 (least privilege).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = [
    "EVERY_OFFICE", "GRANTABLE", "POLICY", "Action", "Duty", "Effect", "Matter", "Role", "Row", "Ruling",
    "Subject", "may", "needs_step_up", "offices_of",
]  # fmt: skip


class Role(StrEnum):
    """What a person, or a system, is at work."""

    #: Headquarters: writes profiles, runs experiments.
    ANALYST = "analyst"
    #: Targeting manager: approves what analysts propose, sets capacity.
    MANAGER = "manager"
    #: Front line: sees what to check at the own offices, and says what was found.
    INSPECTOR = "inspector"
    #: Works on the alerts of compartments.
    SENSITIVE_OFFICER = "sensitive-officer"
    #: Reads the evidence, changes nothing.
    AUDITOR = "auditor"
    #: Connects the declaration system.
    INTEGRATOR = "integrator"
    #: Gives and takes rights, and so may not use them on content.
    ADMINISTRATOR = "administrator"
    #: A declaration system with an API key or a certificate; never granted to a person.
    SYSTEM = "system"
    #: Everybody, signed in or not; never granted.
    ANYBODY = "anybody"


#: The roles that a person may be given.
GRANTABLE: Final = frozenset(Role) - {Role.SYSTEM, Role.ANYBODY}


class Action(StrEnum):
    """What can be done; the scopes of a system are some of these."""

    DECLARATIONS_WRITE = "declarations:write"
    RESULTS_WRITE = "results:write"
    DECISIONS_READ = "decisions:read"
    #: What to check, in words: no threshold, no probability, no condition of a profile.
    INSPECTIONS_READ = "inspections:read"
    INSPECTIONS_ASSIGN = "inspections:assign"
    EVENTS_READ = "events:read"
    LEDGER_READ = "ledger:read"
    METRICS_READ = "metrics:read"
    #: Health, the front page: nothing that anybody may not know.
    PUBLIC_READ = "public:read"
    SESSION_OPEN = "session:open"
    SESSION_READ = "session:read"
    SESSION_RENEW = "session:renew"
    SESSION_CLOSE = "session:close"
    CREDENTIALS_CHANGE = "credentials:change"
    PROPOSALS_READ = "proposals:read"
    PROPOSALS_WRITE = "proposals:write"
    PROPOSALS_APPROVE = "proposals:approve"
    PROPOSALS_REJECT = "proposals:reject"
    PROPOSALS_EXECUTE = "proposals:execute"
    BREAK_GLASS = "proposals:break-glass"
    #: The lane in force of a decision, who changed it, and why.
    LANES_READ = "lanes:read"
    LANES_RAISE = "lanes:raise"
    #: To ask for a lower lane, to approve it, to have it done: besides the right to the proposal.
    LANES_LOWER = "lanes:lower"
    OVERRIDES_READ = "overrides:read"
    LISTS_READ = "lists:read"
    #: Prepare a change of a list: what a table would change of it.
    LISTS_WRITE = "lists:write"
    PROFILES_READ = "profiles:read"
    #: Draft, edit, submit, give back, restore.
    PROFILES_WRITE = "profiles:write"
    #: Approve what another person wrote, review another person's emergency.
    PROFILES_APPROVE = "profiles:approve"
    #: Start, go live, end.
    PROFILES_PUBLISH = "profiles:publish"
    #: Put a new profile in force alone, for at most 72 hours.
    PROFILES_EMERGENCY = "profiles:emergency"


class Duty(StrEnum):
    """What an act that needs two persons is about; who does the one does not do the other."""

    #: What decides lanes, and what is kept of it: all but who may do what.
    CONTENT = "content"
    #: Who may do what.
    RIGHTS = "rights"


class Effect(StrEnum):
    """What a row of the policy does."""

    PERMIT = "permit"
    FORBID = "forbid"


#: As an office of a person: all of them.
EVERY_OFFICE: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who asks."""

    #: What they are; ANYBODY is added by :func:`may`.
    roles: frozenset[Role]
    #: Offices that they work for; :data:`EVERY_OFFICE` among them means all.
    offices: frozenset[str] = frozenset()
    #: Compartments that they are cleared for.
    compartments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What the action touches."""

    #: The office it belongs to; None: to none.
    office: str | None = None
    #: All the compartments that a reader must be cleared for.
    compartments: frozenset[str] = frozenset()
    #: What the act is about; None: about nothing in particular, as when an operation is asked for at all.
    duty: Duty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the policy."""

    effect: Effect
    action: Action
    roles: frozenset[Role]
    #: Only where the matter belongs to an office of the subject, or to none.
    own_office: bool = False
    #: Only for acts about this; None: for all.
    duty: Duty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Whether it is allowed, and why."""

    allowed: bool
    #: A sentence for the person who asked; it never says what the matter is.
    reason: str


_PEOPLE: Final = GRANTABLE
_STEPS: Final = (
    Action.PROPOSALS_WRITE, Action.PROPOSALS_APPROVE, Action.PROPOSALS_REJECT, Action.PROPOSALS_EXECUTE,
)  # fmt: skip
_ALONE: Final = (
    Action.DECLARATIONS_WRITE, Action.RESULTS_WRITE, Action.INSPECTIONS_ASSIGN, Action.BREAK_GLASS,
    Action.LANES_RAISE, Action.LANES_LOWER, Action.PROFILES_WRITE, Action.PROFILES_APPROVE,
    Action.PROFILES_PUBLISH, Action.PROFILES_EMERGENCY, Action.LISTS_WRITE,
)  # fmt: skip
_OF_MANAGERS: Final = (Action.PROFILES_APPROVE, Action.PROFILES_PUBLISH, Action.PROFILES_EMERGENCY)


def _permit(action: Action, *roles: Role, own_office: bool = False, duty: Duty | None = None) -> Row:
    return Row(effect=Effect.PERMIT, action=action, roles=frozenset(roles), own_office=own_office, duty=duty)


def _forbid(action: Action, *roles: Role, duty: Duty | None = None) -> Row:
    return Row(effect=Effect.FORBID, action=action, roles=frozenset(roles), duty=duty)


POLICY: Final[tuple[Row, ...]] = (
    # -- everybody
    _permit(Action.PUBLIC_READ, Role.ANYBODY),
    _permit(Action.SESSION_OPEN, Role.ANYBODY),
    # -- systems
    _permit(Action.DECLARATIONS_WRITE, Role.SYSTEM),
    _permit(Action.RESULTS_WRITE, Role.SYSTEM),
    _permit(Action.DECISIONS_READ, Role.SYSTEM),
    _permit(Action.EVENTS_READ, Role.SYSTEM),
    _permit(Action.LEDGER_READ, Role.SYSTEM, Role.AUDITOR),
    _permit(Action.METRICS_READ, Role.SYSTEM),
    # -- every person, about the own session
    _permit(Action.SESSION_READ, *_PEOPLE),
    _permit(Action.SESSION_RENEW, *_PEOPLE),
    _permit(Action.SESSION_CLOSE, *_PEOPLE),
    _permit(Action.CREDENTIALS_CHANGE, *_PEOPLE),
    # -- decisions
    _permit(Action.DECISIONS_READ, Role.ANALYST, Role.MANAGER, Role.AUDITOR),
    # -- inspections
    _permit(Action.INSPECTIONS_READ, Role.MANAGER, Role.AUDITOR),
    _permit(Action.INSPECTIONS_READ, Role.INSPECTOR, own_office=True),
    _permit(Action.INSPECTIONS_ASSIGN, Role.INSPECTOR, own_office=True),
    _permit(Action.RESULTS_WRITE, Role.INSPECTOR, own_office=True),
    # -- acts that need two persons
    _permit(Action.PROPOSALS_READ, Role.AUDITOR),
    _permit(Action.PROPOSALS_READ, Role.ANALYST, Role.MANAGER, duty=Duty.CONTENT),
    _permit(Action.PROPOSALS_WRITE, Role.ANALYST, Role.MANAGER, duty=Duty.CONTENT),
    _permit(Action.PROPOSALS_APPROVE, Role.MANAGER, duty=Duty.CONTENT),
    _permit(Action.PROPOSALS_REJECT, Role.ANALYST, Role.MANAGER, duty=Duty.CONTENT),
    _permit(Action.PROPOSALS_EXECUTE, Role.MANAGER, duty=Duty.CONTENT),
    _permit(Action.BREAK_GLASS, Role.MANAGER, duty=Duty.CONTENT),
    # Nobody breaks the glass to give a right: rights can wait for a second person.
    *(_permit(action, Role.ADMINISTRATOR, duty=Duty.RIGHTS) for action in (Action.PROPOSALS_READ, *_STEPS)),
    # -- lanes that people change
    _permit(Action.LANES_READ, Role.ANALYST, Role.MANAGER, Role.AUDITOR),
    _permit(Action.LANES_READ, Role.INSPECTOR, own_office=True),
    _permit(Action.LANES_RAISE, Role.INSPECTOR, Role.MANAGER, own_office=True),
    _permit(Action.LANES_LOWER, Role.MANAGER, own_office=True),
    _permit(Action.OVERRIDES_READ, Role.MANAGER, Role.AUDITOR),
    # -- lists
    _permit(Action.LISTS_READ, Role.ANALYST, Role.MANAGER, Role.AUDITOR),
    _permit(Action.LISTS_WRITE, Role.ANALYST, Role.MANAGER),
    # -- the lives of profiles
    _permit(Action.PROFILES_READ, Role.ANALYST, Role.MANAGER, Role.AUDITOR),
    _permit(Action.PROFILES_WRITE, Role.ANALYST, Role.MANAGER),
    *(_permit(action, Role.MANAGER) for action in _OF_MANAGERS),
    # -- separation of duties: whatever other roles they have
    *(_forbid(action, Role.AUDITOR) for action in (*_ALONE, *_STEPS)),
    *(_forbid(action, Role.ADMINISTRATOR) for action in _ALONE),
    *(_forbid(action, Role.ADMINISTRATOR, duty=Duty.CONTENT) for action in _STEPS),
)

#: Actions for which a person must have shown both factors within the last minutes.
_STEP_UP: Final = frozenset({
    Action.PROPOSALS_APPROVE, Action.PROPOSALS_EXECUTE, Action.BREAK_GLASS, Action.LANES_LOWER,
    *_OF_MANAGERS,
})  # fmt: skip


def may(
    subject: Subject, action: Action, matter: Matter | None = None, policy: Sequence[Row] = POLICY
) -> Ruling:
    """Return whether *subject* may do *action* on *matter* (None: on nothing in particular), and why.

    >>> may(Subject(roles=frozenset({Role.AUDITOR})), Action.DECISIONS_READ).allowed
    True
    >>> may(Subject(roles=frozenset({Role.AUDITOR, Role.MANAGER})), Action.PROPOSALS_APPROVE).reason
    "The role 'auditor' forbids 'proposals:approve', whatever other roles allow."
    """
    matter = matter or Matter()
    roles = subject.roles | {Role.ANYBODY}
    rows = [row for row in policy if row.action is action and row.roles & roles and _is_about(row, matter)]
    forbidding = sorted(role for row in rows if row.effect is Effect.FORBID for role in row.roles & roles)
    if forbidding:
        return Ruling(
            allowed=False,
            reason=f"The role {forbidding[0].value!r} forbids {action.value!r}, whatever other roles allow.",
        )
    permitting = [row for row in rows if row.effect is Effect.PERMIT]
    if not permitting:
        return Ruling(allowed=False, reason=f"None of your roles allows {action.value!r}.")
    if not any(_reaches(row, subject, matter) for row in permitting):
        return Ruling(allowed=False, reason=f"Your roles allow {action.value!r} for other offices only.")
    if not matter.compartments <= subject.compartments:
        return Ruling(allowed=False, reason=f"None of your roles allows {action.value!r}.")
    return Ruling(allowed=True, reason=f"Allowed: {action.value!r}.")


def offices_of(subject: Subject, action: Action, policy: Sequence[Row] = POLICY) -> frozenset[str] | None:
    """Return the offices where *subject* may do *action*; None: at every office there is.

    >>> offices_of(Subject(roles=frozenset({Role.INSPECTOR}), offices=frozenset({"PORT"})),
    ...            Action.INSPECTIONS_READ)
    frozenset({'PORT'})
    """
    if not may(subject, action, policy=policy).allowed:
        return frozenset()
    rows = [row for row in policy if row.action is action and row.effect is Effect.PERMIT]
    everywhere = any(row.roles & (subject.roles | {Role.ANYBODY}) and not row.own_office for row in rows)
    return None if everywhere or EVERY_OFFICE in subject.offices else subject.offices


def needs_step_up(action: Action) -> bool:
    """Tell whether *action* wants both factors again when they were shown too long ago."""
    return action in _STEP_UP


def _is_about(row: Row, matter: Matter) -> bool:
    """Tell whether a row speaks of what the matter is about.

    Of nothing in particular, whoever may do it about anything may ask; the act itself is asked about again.
    """
    if row.duty is None or row.duty is matter.duty:
        return True
    return matter.duty is None and row.effect is Effect.PERMIT


def _reaches(row: Row, subject: Subject, matter: Matter) -> bool:
    """Tell whether a row that permits holds for the office of *matter*."""
    if not row.own_office or matter.office is None or EVERY_OFFICE in subject.offices:
        return True
    return matter.office in subject.offices

"""The tables of the lives of profiles, in the metadata of all tables."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table, Text

from tidewaiter.adapters.sql.column_types import SEQ, Instant
from tidewaiter.adapters.sql.tables import metadata

__all__ = ["profile_step", "profile_tally", "profile_tally_position", "profile_words"]


def _column(name: str, kind: Any, comment: str, *, key: bool = False, nullable: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, autoincrement=False, nullable=nullable, comment=comment)


profile_words: Final = Table(
    "profile_words",
    metadata,
    _column("code", Text, "Code of the profile.", key=True),
    _column("number", Integer, "Number of the version, from 1.", key=True),
    _column("sha256", String(64), "SHA-256 of the words, hex; an approval names it.", key=True),
    _column("words", LargeBinary, "The profile as canonical JSON."),
    comment="Words that a version of a profile has had; never changed.",
)

profile_step: Final = Table(
    "profile_step",
    metadata,
    _column("code", Text, "Code of the profile.", key=True),
    _column("number", Integer, "Number of the version, from 1.", key=True),
    _column("ordinal", Integer, "Order among the steps of the version, from 1.", key=True),
    _column("kind", Text, "draft, edit, submit, approve, go-live, retire and so on."),
    _column("by", Text, "Who took it."),
    _column("at", Instant, "When."),
    _column("body_sha256", String(64), "The words that it is about, hex."),
    _column("valid_until", String(10), "Last day in force, as YYYY-MM-DD."),
    _column("reason", Text, "Why, in own words; empty where none is asked for."),
    _column("replaces_sha256", String(64), "The words in force that it would replace, hex.", nullable=True),
    _column("share", Text, "Of a ramp: the share of the matches that is selected.", nullable=True),
    _column("evidence", LargeBinary, "Of a submission: what was known of it, as canonical JSON."),
    comment="Steps in the lives of profiles; never changed.",
)

profile_tally: Final = Table(
    "profile_tally",
    metadata,
    _column("code", Text, "Code of the profile.", key=True),
    _column("number", Integer, "Number of the version.", key=True),
    _column("day", String(10), "Day of the decisions in UTC, as YYYY-MM-DD.", key=True),
    _column("shadow", Boolean, "Only looked at, without effect on any lane.", key=True),
    _column("matches", Integer, "Decisions in which it fired."),
    _column("undecided", Integer, "Decisions in which data were missing to tell."),
    comment="How often each profile matched; counted from decisions, and can be counted again.",
)

profile_tally_position: Final = Table(
    "profile_tally_position",
    metadata,
    _column("work", Text, "What is counted.", key=True),
    _column("upto", SEQ, "Last decision that was looked at."),
    comment="How far the tallies have come.",
)

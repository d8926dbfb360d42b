"""TEMPORARY stand-in until rag.profile lands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    weeks: int | None = None
    breastfeeding: bool | None = None
    twins: bool | None = None
    allergies: tuple[str, ...] = ()


def empty_profile() -> Profile:
    return Profile()


def update_profile(profile: Profile, text: str) -> Profile:
    return profile

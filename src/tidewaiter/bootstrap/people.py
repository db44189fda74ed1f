"""People: accounts, signing in and on, what two of them do together, and certificates of systems."""

from __future__ import annotations

from typing import Any

from tidewaiter.adapters.attempts import MovingWindow
from tidewaiter.adapters.credentials import Argon2Totp
from tidewaiter.adapters.keys import ProxiedCertificates
from tidewaiter.adapters.oidc import OidcProvider
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.erase import Erasing
from tidewaiter.flow.guarded import PromoteModel, PublishContent, PublishStandIn, SetRights
from tidewaiter.flow.guarded_content import ChangeLists, ChangeParameters
from tidewaiter.flow.guarded_ledger import Erase, ReleaseHold, RotateKey, SetRetention
from tidewaiter.flow.learn import Learning
from tidewaiter.flow.linking import Linking
from tidewaiter.flow.override import LowerLane
from tidewaiter.flow.people import People
from tidewaiter.flow.ports import Certificates, Clock, Store
from tidewaiter.flow.rotate import Rotation
from tidewaiter.flow.sign_in import Sessions
from tidewaiter.flow.sign_on import SignOn
from tidewaiter.flow.standin_policy import StandInPolicy
from tidewaiter.flow.two_persons import Doing, TwoPersons
from tidewaiter.settings import Settings

__all__ = ["people_parts", "two_persons"]


def people_parts(settings: Settings, store: Store, clock: Clock) -> dict[str, Any]:
    """Return what makes accounts, signs people in and on, links them to a provider, and knows systems."""
    credentials, limit = Argon2Totp(), MovingWindow()
    sessions = Sessions(store=store, clock=clock, credentials=credentials, limit=limit)
    return {
        "people": People(store=store, clock=clock, credentials=credentials),
        "sessions": sessions,
        "sign_on": _sign_on(settings, store, clock, sessions, limit),
        "linking": Linking(store=store, clock=clock, issuer=settings.oidc_issuer),
        "certificates": _certificates(settings),
    }


def _sign_on(
    settings: Settings, store: Store, clock: Clock, sessions: Sessions, limit: MovingWindow
) -> SignOn | None:
    """Return what signs people on through the identity provider, if one is set."""
    issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_key
    if issuer is None or client_id is None or secret is None or settings.oidc_redirect_uri is None:
        return None
    try:
        shown = secret.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The secret of the identity provider cannot be read from {secret}; correct oidc_key."
        ) from error
    provider = OidcProvider(
        issuer=issuer, client_id=client_id, secret=shown, redirect_uri=settings.oidc_redirect_uri,
        two_factors=settings.oidc_acr,
    )  # fmt: skip
    return SignOn(store=store, clock=clock, provider=provider, sessions=sessions, limit=limit)


def _certificates(settings: Settings) -> Certificates | None:
    """Return what believes a proxy about the certificates of systems, if one is to be believed."""
    return None if settings.proxy_secret is None else ProxiedCertificates(settings.proxy_secret)


def two_persons(
    store: Store,
    clock: Clock,
    administration: Administration,
    learning: Learning,
    people: People,
    erasing: Erasing,
    rotation: Rotation,
    policy: StandInPolicy,
) -> TwoPersons:
    """Return what lets two persons do together what neither may do alone."""
    acts: dict[Act, Doing] = {
        Act.PUBLISH_CONTENT: PublishContent(administration),
        Act.CHANGE_LISTS: ChangeLists(administration, store),
        Act.CHANGE_PARAMETERS: ChangeParameters(administration, store),
        Act.PROMOTE_MODEL: PromoteModel(learning),
        Act.LOWER_LANE: LowerLane(store, clock),
        Act.SET_RETENTION: SetRetention(erasing),
        Act.ERASE: Erase(erasing),
        Act.RELEASE_HOLD: ReleaseHold(erasing),
        Act.ROTATE_KEY: RotateKey(rotation),
        Act.SET_RIGHTS: SetRights(people),
        Act.PUBLISH_STANDIN: PublishStandIn(policy),
    }
    return TwoPersons(store=store, clock=clock, acts=acts)

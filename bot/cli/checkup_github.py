"""What `groundwork doctor` finds on GitHub: the App, its installations, its webhook, and its deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from bot.cli.checkup import Check, State
from bot.errors import GroundworkError
from bot.forge.github.refusal import GitHubError, UnansweredError

if TYPE_CHECKING:
    from bot.forge.github.app_view import About, AppView, Delivered, Hook, Installed
    from bot.forge.github.manifest import Manifest

_SKEW: Final = 45.0  # seconds; the App's signature is dated a minute back, for ten minutes
_SETTINGS_URL: Final = "Webhook URL"


async def on_github(view: AppView, asks: Manifest, public_url: str, action: str = "") -> AsyncIterator[Check]:
    """Yield the checks that ask GitHub, up to the first that makes the others senseless.

    `action` is what the workflows of runs name, where stacks are verified in GitHub Actions.
    """
    try:
        yield clock_check(await view.clock())
    except UnansweredError as error:
        yield Check(
            name="GitHub",
            state="wrong",
            said=f"it does not answer: {error}",
            mend="check GROUNDWORK_GITHUB_URL, and the network from here (proxy, DNS, firewall)",
        )
        return
    try:
        about = await view.about()
    except GroundworkError as error:
        yield Check(name="App", state="wrong", said=error.what, mend=error.hint)
        return
    except UnansweredError as error:
        yield Check(name="App", state="unknown", said=f"GitHub does not answer: {error}", mend="ask again in a while")
        return
    yield Check(name="App", state="ok", said=f"{about.name} ({about.slug}[bot])")
    for check in app_checks(about, asks):
        yield check
    try:
        installed = await view.installations()
        for check in installation_checks(installed, asks, about):
            yield check
        if action:
            yield action_check(action, there=await view.has_action(action, installed))
        for check in hook_checks(await view.hook(), about, public_url):
            yield check
        yield deliveries_check(await view.deliveries(), about)
    except (GitHubError, UnansweredError) as error:
        said = error.what if isinstance(error, GitHubError) else str(error)
        yield Check(name="GitHub", state="unknown", said=f"the rest could not be asked: {said}", mend="ask again")


def clock_check(ahead: float) -> Check:
    """Say whether signatures that are dated by this machine's clock can be believed."""
    if abs(ahead) <= _SKEW:
        return Check(name="clock", state="ok", said="it agrees with GitHub's")
    said = f"it is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} GitHub's: signatures are refused"
    return Check(name="clock", state="wrong", said=said, mend="timedatectl set-ntp true")


def app_checks(about: About, asks: Manifest) -> Iterator[Check]:
    """Yield how the App differs from `app.yml`."""
    page = f"{about.page}/permissions"
    if lacking := asks.lacking(about.permissions):
        mend = f"choose them at {page}, then let each installation accept them"
        yield Check(name="permissions", state="wrong", said=f"the App lacks {', '.join(lacking)}", mend=mend)
    if beyond := asks.beyond(about.permissions):
        said = f"the App has more than it needs: {', '.join(beyond)}"
        yield Check(name="permissions", state="warning", said=said, mend=f"take them away at {page}")
    if not lacking and not beyond:
        yield Check(name="permissions", state="ok", said="those of app.yml")
    if unheard := asks.unheard(about.events):
        said = f"the App is not told of {', '.join(unheard)}"
        yield Check(name="events", state="wrong", said=said, mend=f"subscribe to them at {page}")
    else:
        yield Check(name="events", state="ok", said="those of app.yml")


def installation_checks(found: Sequence[Installed], asks: Manifest, about: About) -> Iterator[Check]:
    """Yield, for each installation, what keeps the App from working there."""
    if not found:
        yield Check(name="installations", state="warning", said="nobody has installed the App", mend=about.install)
    for one in found:
        name = f"on {one.account}"
        lacking = asks.lacking(one.permissions)
        if one.suspended:
            mend = f"an owner lifts it at {one.page}"
            yield Check(name=name, state="warning", said="the installation is suspended", mend=mend)
        elif lacking:
            said = f"it has not granted {', '.join(lacking)}"
            yield Check(name=name, state="wrong", said=said, mend=f"an owner accepts it at {one.page}")
        else:
            covers = "all repositories" if one.selection == "all" else "chosen repositories"
            yield Check(name=name, state="ok", said=f"installed, for {covers}")


def action_check(action: str, *, there: bool) -> Check:
    """Say whether the workflow that a run adds will find what it names."""
    named = action.partition(" ")[0]
    if there:
        return Check(name="action", state="ok", said=f"{named} is there")
    repository = "/".join(named.split("/")[:2])
    return Check(
        name="action",
        state="warning",
        said=f"{named} cannot be seen: it is not there, or is private where the App is not installed",
        mend=f"look for folder and commit in {repository}; a private one is shared under Settings, Actions, Access",
    )


def hook_checks(hook: Hook, about: About, public_url: str) -> Iterator[Check]:
    """Yield what keeps deliveries from arriving, or from being believed."""
    from bot.forge.github.manifest import WEBHOOKS

    wanted = f"{public_url}{WEBHOOKS}" if public_url else ""
    wrong = []
    if not hook.url or (wanted and hook.url != wanted) or not hook.url.endswith(WEBHOOKS):
        to = wanted or f"https://YOUR-SERVER{WEBHOOKS}"
        wrong.append((f"it goes to {hook.url or 'nowhere'}", f"`{_SETTINGS_URL}`: {to}"))
    if hook.content_type != "json":
        wrong.append((f"its content type is {hook.content_type or 'not set'}", "`Content type`: application/json"))
    if not hook.has_secret:
        wrong.append(("it has no secret, so nothing is signed", "`Webhook secret`: that of GROUNDWORK_WEBHOOK_SECRET"))
    if not hook.checks_certificate:
        wrong.append(("the certificate of the server is not checked", "`SSL verification`: enable"))
    for said, mend in wrong:
        yield Check(name="webhook", state="wrong", said=said, mend=f"at {about.page}, {mend}")
    if not wrong:
        yield Check(name="webhook", state="ok", said=f"{hook.url}, signed")


def deliveries_check(found: Sequence[Delivered], about: About) -> Check:
    """Say how the last deliveries fared, and what the newest that failed means."""
    if not found:
        return Check(name="deliveries", state="unknown", said="GitHub has delivered nothing yet")
    failed = [one for one in found if not one.well]
    if not failed:
        return Check(name="deliveries", state="ok", said=f"the last {len(found)} were taken, up to {found[0].at}")
    newest = failed[0]
    answered = f"{newest.code or ''} {newest.status}".strip()
    said = f"{len(failed)} of the last {len(found)} failed; the newest, {newest.event} of {newest.at}: {answered}"
    mend = _DELIVERY_MENDS.get(newest.code, "look at the server's log; is it reached from outside?")
    # What failed before the newest that was taken is history: only the owner knows whether it mattered.
    state: State = "wrong" if newest is found[0] else "warning"
    again = f"; a running server asks for them again, twice; after that, deliver them at {about.page}/advanced"
    return Check(name="deliveries", state=state, said=said, mend=f"{mend}{again}")


_DELIVERY_MENDS: Final = {
    401: "the webhook's secret on GitHub is not GROUNDWORK_WEBHOOK_SECRET",
    403: "a proxy or firewall before the server refuses it",
    404: "the webhook's address leads elsewhere",
    413: "a proxy before the server takes no bodies of that size: allow 25 MB",
    415: "the webhook's content type is not application/json",
    502: "the proxy does not reach the server: is it running?",
    503: "the server's database does not answer",
    504: "the proxy does not reach the server: is it running?",
}

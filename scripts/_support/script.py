# SPDX-License-Identifier: EUPL-1.2
"""What every script is: a command on a network, with the same switches and the same way to end."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from ape.cli import ConnectedProviderCommand
from ape.exceptions import ApeException
from ape.logging import LogLevel, logger
from requests import RequestException

from scripts._support.exits import Code, Stop, epilog
from scripts._support.rpc import NoAnswer, Refused, Rpc

DEPLOYMENT: Final = Path("build/deployment.json")
RECEIPTS: Final = Path("build/receipts")
NETWORK: Final = "HEITJE_NETWORK"
"""The variable that names the node for whoever leaves `--network` out, as the option does."""
_CONNECTED: Final = "heitje.connected"
"""In the context of a script that has the node: from then on something may have been sent."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


# ape resolves its names at run time, so that mypy does not know its classes.
class Script(ConnectedProviderCommand):  # type: ignore[misc]
    """A command that ends with an exit code of ours and a message instead of a trace."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        options = {parameter.name for parameter in kwargs.get("params") or ()}
        kwargs.setdefault("epilog", epilog(safe="safe" in options, signs="signature" in options))
        super().__init__(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> Any:
        """Reads the command line, on the network of the environment if it names none; ape adds the option itself."""
        node = os.environ.get(NETWORK)
        if node and not any(word.partition("=")[0] == "--network" for word in args):
            args = ["--network", node, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the script. ape's own remarks, such as which node it found, only with `--verbosity DEBUG`."""
        level = LogLevel.WARNING if logger.level == LogLevel.INFO else logger.level
        with _plain_end(ctx), logger.at_level(level):
            return super().invoke(ctx)


@contextmanager
def _plain_end(ctx: click.Context) -> Iterator[None]:
    from scripts._support.console import tell_stop  # noqa: PLC0415 -- rich is not needed to list scripts

    # ape's own handler of Ctrl-C ends the process without a word.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except Stop as stop:
        tell_stop(stop)
        sys.exit(stop.code.value)
    except NoAnswer as error:
        tell_stop(Stop(Code.NO_ANSWER, f"{error}. Run the same command again; nothing happens twice."))
        sys.exit(Code.NO_ANSWER.value)
    except (KeyboardInterrupt, click.Abort):
        tell_stop(Stop(Code.INTERRUPTED, "Interrupted. Run the same command again; nothing happens twice."))
        sys.exit(Code.INTERRUPTED.value)
    except (ApeException, RequestException) as error:
        tell_stop(Stop(Code.NO_ANSWER, _no_node(ctx) or f"The node cannot be used: {error}"))
        sys.exit(Code.NO_ANSWER.value)
    except OSError as error:
        tell_stop(Stop(Code.FILE, f"{error}. Run the same command again; nothing happens twice."))
        sys.exit(Code.FILE.value)
    finally:
        signal.signal(signal.SIGINT, before)


def _no_node(ctx: click.Context) -> str:
    """That no node answers, if that is so; ape's own words are about how to install one."""
    network = ctx.params.get("network") or ""
    url = network if isinstance(network, str) else str(getattr(network, "http_uri", None) or "")
    url = url[url.find("http") :] if "http" in url else ""
    if not url or _CONNECTED in ctx.meta:
        return ""
    rpc = Rpc(url)
    try:
        rpc.call("eth_chainId")
    except NoAnswer:
        again = "Nothing was sent. Run the same command again; nothing happens twice."
        return f"No answer from the node at {url}. Is it running? {again}"
    except Refused:
        pass
    finally:
        rpc.close()
    return ""


def switches(command: _Command) -> _Command:
    """`--deployment`, `--yes` and `--dry-run`."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Check and show everything, then stop."),
        click.option("--yes", is_flag=True, help="Do not ask; for machines."),
        deployment_option,
    ):
        command = option(command)
    return command


deployment_option = click.option(
    "--deployment",
    type=click.Path(path_type=Path),
    default=DEPLOYMENT,
    show_default=True,
    envvar="HEITJE_DEPLOYMENT",
    show_envvar=True,
    help="Where the city is: the file `deploy` wrote.",
)


def account_option(who: str) -> Callable[[_Command], _Command]:
    """`--account`, for the role of whoever must run the script."""
    return click.option("--account", required=True, metavar="ALIAS", help=f"Your ape account. {who}")


def receipt_option(name: str) -> Callable[[_Command], _Command]:
    """`--receipt`, the file that says what was done; by default one of its own for every run.

    Args:
        name: of the script and its step, such as `correct-reduce`.
    """
    return click.option(
        "--receipt",
        type=click.Path(path_type=Path),
        default=lambda: RECEIPTS / f"{name}-{datetime.now(UTC).astimezone():%Y%m%d-%H%M%S}.json",
        show_default=f"{RECEIPTS}/{name}-DATE-TIME.json",
        help="Where to write what was done (JSON).",
    )


def node_of(provider: Any) -> Rpc:
    """The node ape has connected to; closed when the script ends.

    Raises:
        Stop: it has no address over HTTP.
    """
    url = getattr(provider, "http_uri", None) or getattr(provider, "uri", None)
    if not url:
        raise Stop(Code.USAGE, "This network has no node with an HTTP address; name one with --network.")
    rpc = Rpc(str(url))
    context = click.get_current_context()
    context.call_on_close(rpc.close)
    context.meta[_CONNECTED] = True
    return rpc


profile_option = click.option(
    "--profile",
    metavar="NAME|FILE",
    help="The city's profile. Without it: the one that `deploy` put beside the deployment file, or the program's own.",
)

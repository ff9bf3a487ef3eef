"""Make or reuse an environment of the project: `.venv`, or `.venv-lab` with JupyterLab.

Needs nothing but Python's standard library, so that it can run before anything is
installed. The syntax stays old enough for any Python 3 to reach the message which says
that a newer one is needed.

Usage: python tools/setup_env.py [--lab]

PYTHON in the environment names the Python to build it with. Status 0: the environment
is ready. Status 1: the installation failed. Status 2: something this machine lacks.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WINDOWS = os.name == "nt"

OLDEST, NEWEST = (3, 11), (3, 13)
RANGE = "Python 3.11, 3.12 or 3.13"
BOOTSTRAP_LOCK = "requirements-bootstrap.lock"
DATA_LOCK = "requirements-data.lock"


class Place:
    """Where an environment stands, and the lock its packages come from."""

    def __init__(self, name, lock):
        self.name = name
        self.lock = lock
        self.locks = (BOOTSTRAP_LOCK, lock, DATA_LOCK)
        self.folder = os.path.join(ROOT, name)
        self.stamp = os.path.join(self.folder, "loyalty-setup.json")
        self.begun = os.path.join(self.folder, "loyalty-setup.begun")
        scripts = os.path.join(self.folder, "Scripts" if WINDOWS else "bin")
        self.python = os.path.join(scripts, "python.exe" if WINDOWS else "python")
        self.uv = os.path.join(scripts, "uv.exe" if WINDOWS else "uv")


MAIN = Place(".venv", "requirements.lock")
LAB = Place(".venv-lab", "requirements-lab.lock")

# What a Python tells about itself: version, the interpreter under any virtual
# environment, the environment it lives in, and whether it can make environments.
PROBE = """
import json, sys
try:
    import venv
    from ensurepip import version
    able = True
except ImportError:
    able = False
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([list(sys.version_info[:3]), base, able]))
"""

# Settings of pip which uv must be told of, as uv does not read pip's configuration.
# Extra indexes and find-links are left out: uv ranks them differently from pip.
PIP_TO_UV = (
    ("index-url", "UV_DEFAULT_INDEX", ("UV_INDEX_URL",)),
    ("trusted-host", "UV_INSECURE_HOST", ()),
    ("cert", "SSL_CERT_FILE", ()),
    ("proxy", "ALL_PROXY", ("all_proxy", "HTTPS_PROXY", "https_proxy")),
)

# Variables which would make pip or Python look or install elsewhere, or skip bytecode.
UNWANTED = (
    "PIP_PREFIX",
    "PIP_REQUIRE_HASHES",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPYCACHEPREFIX",
    "UV_NO_COMPILE_BYTECODE",
    "VIRTUAL_ENV",
)


class MissingError(Exception):
    """Something this machine lacks; the text says what and how to get it."""


class FailedError(Exception):
    """A step of the installation failed; its own output has been printed."""


def say(text):
    """Print one line at once, also when the output is a file."""
    print("setup: " + text, flush=True)


def digest(name):
    """Return the SHA-256 of a file of the project."""
    try:
        with open(os.path.join(ROOT, name), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError as error:
        raise MissingError("{} cannot be read: {}".format(name, error.strerror)) from None


def probe(python):
    """Return (version, base interpreter, able to make environments), or None."""
    environment = {k: v for k, v in os.environ.items() if k not in UNWANTED}
    try:
        text = subprocess.check_output(
            [*python, "-I", "-c", PROBE],
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=60,
        )
        version, base, able = json.loads(text.decode())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return tuple(version), base, able


def candidates():
    """Return the commands to try, best first."""
    names = ["python3", "python3.13", "python3.12", "python3.11", "python"]
    commands = [[name] for name in names if shutil.which(name)]
    if WINDOWS and shutil.which("py"):
        commands = [["py", "-3.13"], ["py", "-3.12"], ["py", "-3.11"], *commands]
    return [*commands, [sys.executable]]


def dotted(version):
    """Return a version as people write it."""
    return ".".join(str(part) for part in version)


def venv_advice(version, base):
    """Say how to get the missing venv module of one Python."""
    package = "python{}.{}-venv".format(*version)
    if os.path.dirname(base) in ("/usr/bin", "/bin"):
        # Debian's default Python has a package without a version in its name.
        default = os.path.basename(os.path.realpath("/usr/bin/python3"))
        if default == "python{}.{}".format(*version):
            package = "python3-venv"
    return (
        "{} is missing: {} (Python {}) cannot make environments without it; "
        "on Debian or Ubuntu: sudo apt install {}".format(package, base, dotted(version), package)
    )


def find_python(place, wanted):
    """Return (version, interpreter) to build the environment with, or say what is missing."""
    seen, unable = [], None
    for command in [[wanted]] if wanted else candidates():
        found = probe(command)
        if found is None:
            continue
        version, base, able = found
        if not OLDEST <= version[:2] <= NEWEST:
            seen.append("{} is {}".format(" ".join(command), dotted(version)))
        elif not able:
            unable = unable or venv_advice(version, base)
        elif os.path.abspath(base).startswith(place.folder + os.sep):
            continue  # an interpreter which goes away with the old environment
        else:
            return version, base
    if unable:
        raise MissingError(unable)
    if wanted:
        detail = "; ".join(seen) or "it does not run"
        raise MissingError("PYTHON={}: {} is needed, and {}".format(wanted, RANGE, detail))
    detail = "found only: " + "; ".join(dict.fromkeys(seen)) if seen else "no Python runs here"
    raise MissingError(
        "{} is missing ({}); on Debian or Ubuntu: sudo apt install python3 python3-venv; "
        "or name one: make setup PYTHON=/path/to/python3.12".format(RANGE, detail)
    )


def check_machine(place, wanted):
    """Return the Python to use; everything that is missing is told in one message."""
    missing, found = [], None
    try:
        found = find_python(place, wanted)
    except MissingError as error:
        missing.append(str(error))
    if not shutil.which("git"):
        missing.append("git is missing; on Debian or Ubuntu: sudo apt install git")
    if missing:
        raise MissingError("\n       ".join(missing))
    return found


def read_stamp(place):
    """Return what the last finished setup recorded, or an empty dict."""
    try:
        with open(place.stamp, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and os.path.exists(place.python) else {}


def venv_version(place):
    """Return (3, 12) for an environment of Python 3.12, read without starting it."""
    try:
        with open(os.path.join(place.folder, "pyvenv.cfg"), encoding="utf-8") as file:
            settings = dict(line.split("=", 1) for line in file if "=" in line)
    except OSError:
        return None
    text = {key.strip(): value.strip() for key, value in settings.items()}.get("version", "")
    try:
        return tuple(int(part) for part in text.split(".")[:2])
    except ValueError:
        return None


def same_python(place, stamp, wanted):
    """Say whether the environment's Python still is the one it was built with and wanted."""
    version = venv_version(place)
    if not version or list(version) != stamp.get("python", [])[:2]:
        return False
    if not wanted:
        return True
    found = probe([wanted])
    return found is not None and found[0][:2] == version


def clear_venv(place):
    """Remove an old or half-made environment, and nothing that is not one."""
    folder = place.folder
    if os.path.islink(folder) or (os.path.exists(folder) and not os.path.isdir(folder)):
        raise MissingError(place.name + " is not a folder; move it away and run again")
    if not os.path.isdir(folder) or not os.listdir(folder):
        return
    if not (os.path.exists(place.begun) or os.path.exists(os.path.join(folder, "pyvenv.cfg"))):
        raise MissingError(place.name + " is not a Python environment; move it away and run again")
    try:
        if os.path.exists(place.stamp):
            os.remove(place.stamp)  # first: an interrupted removal must not count as ready
        shutil.rmtree(folder)
    except OSError as error:
        raise MissingError(
            "{} cannot be replaced ({}: {}); close what uses it".format(
                place.name, error.strerror, error.filename
            )
        ) from None


def child_environment():
    """Return the environment variables for pip and uv."""
    environment = {k: v for k, v in os.environ.items() if k not in UNWANTED}
    environment.update(PIP_DISABLE_PIP_VERSION_CHECK="1", UV_PYTHON_DOWNLOADS="never")
    return environment


def run(command, environment, allowed_to_fail=False):
    """Run one step, its output shown; return whether it succeeded."""
    try:
        status = subprocess.call(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    except OSError as error:
        say("{}: {}".format(os.path.basename(command[0]), error.strerror))
        status = 1
    if status and not allowed_to_fail:
        raise FailedError(
            "'{} {}' failed with status {}".format(
                os.path.basename(command[0]), " ".join(command[1:]), status
            )
        )
    return status == 0


def pip_settings(environment, place):
    """Return pip's settings from its files and variables, as its install command ranks them."""
    command = [place.python, "-m", "pip", "config", "list"]
    try:
        text = subprocess.check_output(
            command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    levels = {"global": {}, "install": {}, ":env:": {}}
    for line in text.decode(errors="replace").splitlines():
        key, separator, value = line.partition("=")
        level, _, name = key.partition(".")
        if separator and level in levels:
            try:
                levels[level][name] = str(ast.literal_eval(value)).strip()
            except (SyntaxError, ValueError):
                continue
    return {**levels["global"], **levels["install"], **levels[":env:"]}


def uv_environment(environment, place=MAIN):
    """Return the variables for uv: pip's index and ways to reach it, unless uv has its own."""
    settings = pip_settings(environment, place)
    passed_on = dict(environment)
    for name, variable, others in PIP_TO_UV:
        if settings.get(name) and not any(environment.get(v) for v in (variable, *others)):
            passed_on[variable] = " ".join(settings[name].split())
    if "UV_DEFAULT_INDEX" in passed_on and "UV_DEFAULT_INDEX" not in environment:
        say("using the package index which pip is configured for")
    return passed_on


class Installer:
    """Installs locked packages by uv, and by pip from the first time uv fails."""

    def __init__(self, place, environment):
        self.place = place
        self.environment = environment
        self.uv_environment = None
        if os.path.exists(place.uv):
            self.uv_environment = uv_environment(environment, place)

    def install(self, *arguments):
        """Install by `uv pip install` or `pip install` with the same arguments."""
        if self.uv_environment is not None:
            uv = [self.place.uv, "pip", "install"]
            command = [*uv, "--python", self.place.python, "--compile-bytecode"]
            if not sys.stderr.isatty():
                command.append("--quiet")  # progress is for people who watch it
            if run([*command, *arguments], self.uv_environment, allowed_to_fail=True):
                return
            say("uv did not manage; trying pip, which is slower")
            self.uv_environment = None
        pip_install(self.place, self.environment, *arguments)


def pip_install(place, environment, *arguments, **options):
    """Install by the environment's own pip."""
    command = [place.python, "-m", "pip", "install", "--quiet", "--compile", *arguments]
    return run(command, environment, **options)


def make_venv(place, python):
    """Make the empty environment, marked as unfinished before anything else is in it."""
    clear_venv(place)
    os.makedirs(place.folder, exist_ok=True)
    with open(place.begun, "w", encoding="utf-8"):
        pass
    run([python, "-I", "-m", "venv", place.folder], child_environment())


def install_locks(place, environment):
    """Install uv, then what the locks name, each file checked against its hash."""
    say("installing uv")
    hashed = ("--require-hashes", "-r")
    if not pip_install(place, environment, *hashed, BOOTSTRAP_LOCK, allowed_to_fail=True):
        say("uv is not to be had here; pip does it, which is slower")
    installer = Installer(place, environment)
    say("installing the packages of " + place.lock)
    installer.install(*hashed, place.lock)
    say("installing the sample data of " + DATA_LOCK)
    installer.install("--no-deps", *hashed, DATA_LOCK)


def install_project(place, environment):
    """Install the project itself so that it runs from src/; needs no network."""
    say("installing the project from src/")
    arguments = ("--no-deps", "--no-index", "--no-build-isolation", "--editable", ".")
    pip_install(place, environment, *arguments)


def hold_lock():
    """Let one setup run at a time; return what must stay open meanwhile."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    file = open(os.path.abspath(__file__), "rb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another setup in this folder")
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError:  # a file system without locks
        pass
    return file


def setup(place):
    """Bring an environment up to date with its locks and pyproject.toml."""
    started = time.time()
    wanted = os.environ.get("PYTHON", "").strip()
    goal = {"root": ROOT, "locks": {name: digest(name) for name in place.locks}}
    project = digest("pyproject.toml")
    stamp = read_stamp(place)
    built = {key: stamp.get(key) for key in goal} == goal and same_python(place, stamp, wanted)
    if built and stamp.get("pyproject") == project:
        python = dotted(stamp["python"])
        say("environment is up to date ({}, Python {})".format(place.name, python))
        return
    environment = child_environment()
    if built:
        python = stamp["python"]
        say("pyproject.toml has changed")
        os.remove(place.stamp)
        with open(place.begun, "w", encoding="utf-8"):
            pass
    else:
        python, base = check_machine(place, wanted)
        again = "again " if os.path.isdir(place.folder) else ""
        say("making {} {}with Python {} ({})".format(place.name, again, dotted(python), base))
        make_venv(place, base)
        install_locks(place, environment)
    install_project(place, environment)
    goal.update(python=list(python), pyproject=project)
    with open(place.stamp + ".new", "w", encoding="utf-8") as file:
        json.dump(goal, file, indent=1)
    os.replace(place.stamp + ".new", place.stamp)
    os.remove(place.begun)
    say("environment is ready in {} ({:.0f} s)".format(place.name, time.time() - started))


def main():
    """Run the setup; return the exit status."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["--lab"]):
        print(__doc__.strip())
        return 0 if arguments[0] in ("-h", "--help") else 2
    held = hold_lock()
    try:
        setup(LAB if arguments else MAIN)
    except MissingError as error:
        print("setup: {}".format(error), file=sys.stderr)
        return 2
    except FailedError as error:
        print("setup: {}; nothing is ready yet, run again".format(error), file=sys.stderr)
        return 1
    except OSError as error:
        print("setup: {}: {}".format(error.filename, error.strerror), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; the next run starts again", file=sys.stderr)
        return 130
    finally:
        if held is not None:
            held.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# Runs what `zrel workspace export --engine slurm` prints on a SLURM of one node, against
# `zrel serve` with a limit of requests: some workers are killed, some tasks are done twice, and
# every member must be published once. Takes a few minutes.
#
#     cargo build && sudo tests/engines/slurm.sh [MEMBERS]
#
# It needs root, python3, git, Debian's packages slurm-wlm and munge (apt-get install slurm-wlm
# munge), and no other slurmd on this machine. It starts munged, slurmctld and slurmd with a
# configuration of their own, and stops them. What a cluster needs as well is in that configuration:
# Licenses and RequeueExit. proctrack/linuxproc needs no control groups, and config_overrides lets a
# small machine pretend to have eight cores.
set -euo pipefail

n_members=${1:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
ZREL=${ZREL:-${CARGO_TARGET_DIR:-$root/target}/debug/zrel}
port=47615

for needed in slurmctld slurmd sbatch munged python3 git "$ZREL"; do
    command -v "$needed" >/dev/null || { echo "error: $needed is not installed" >&2; exit 1; }
done
[ "$(id -u)" -eq 0 ] || { echo "error: slurmd needs root" >&2; exit 1; }

work=$(mktemp -d)
pids=()
stop() {
    local code=$?
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait
    if [ "$code" -eq 0 ]; then
        rm -rf "$work"
    else
        echo "error: failed with $code; everything is kept in $work" >&2
    fi
}
trap stop EXIT

# Waits until a command succeeds.
wait_for() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    echo "error: this did not succeed: $*" >&2
    return 1
}

start_munge() {
    mkdir "$work/munge"
    dd if=/dev/urandom of="$work/munge/key" bs=128 count=1 status=none
    chmod 711 "$work"
    chown -R munge: "$work/munge"
    chmod 755 "$work/munge"
    chmod 600 "$work/munge/key"
    runuser -u munge -- munged --foreground --socket="$work/munge/socket" \
        --key-file="$work/munge/key" --pid-file="$work/munge/pid" --seed-file="$work/munge/seed" \
        --log-file="$work/munge/log" 2>"$work/munge.log" &
    pids+=($!)
    wait_for test -S "$work/munge/socket"
}

start_slurm() {
    local host
    host=$(hostname -s)
    mkdir "$work/state" "$work/spool"
    cat >"$work/slurm.conf" <<CONF
ClusterName=zrel
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=47616
SlurmdPort=47617
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MailProg=/bin/true
Licenses=zenodo:4
RequeueExit=75
NodeName=$host NodeAddr=127.0.0.1 CPUs=8
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
    export SLURM_CONF=$work/slurm.conf
    slurmctld -D -i >"$work/slurmctld.log" 2>&1 &
    pids+=($!)
    slurmd -D >"$work/slurmd.log" 2>&1 &
    pids+=($!)
    wait_for is_idle
}

is_idle() {
    [ "$(sinfo --noheader --format=%T)" = idle ]
}

start_server() {
    mkdir "$work/server"
    "$ZREL" -C "$work/server" serve --port "$port" --rate 100/5s --log-requests \
        --seed "$root/tests/contract/seed.toml" >"$work/server.log" 2>&1 &
    pids+=($!)
    wait_for grep -q Serving "$work/server.log"
    export ZREL_TOKEN_127_0_0_1_$port=alice-token
}

write_project() {
    mkdir "$work/project" && cd "$work/project"
    git init -q -b main
    cat >zenodo.toml <<ROOT
[workspace]
members = ["deposits/*"]
server = "test"

[workspace.metadata]
upload_type = "dataset"
license = "CC-BY-4.0"
creators = [{ name = "Weiss, Tobias" }]

[servers.test]
url = "http://127.0.0.1:$port"
doi_prefix = "10.5072"
ROOT
    local n link
    for ((n = 1; n <= n_members; n++)); do
        mkdir -p "deposits/m $n"
        link=""
        if ((n % 4 == 0)); then
            link="related_identifiers = [{ member = \"deposits/m $((n - 1))\", relation = \"references\" }]"
        fi
        cat >"deposits/m $n/zenodo.toml" <<MEMBER
[metadata]
title = "Tables m$n"
description = "<p>About m$n.</p>"
version = "1.0"
$link
[[files]]
path = "*.csv"
MEMBER
        echo "m$n,1.0" >"deposits/m $n/a.csv"
    done
}

# Writes a `zrel` that kills some of the runs that fill a draft, in the middle, and does some tasks
# twice. The arguments, and how often they came, decide which.
write_program() {
    mkdir "$work/programs" "$work/runs"
    cat >"$work/programs/zrel" <<'PROGRAM'
#!/usr/bin/env bash
set -u
run=$(mktemp -d "$RUNS/XXXXXX")
printf '%s\n' "$*" >"$run/args"
nth=$(grep -lxF -e "$*" "$RUNS"/*/args | wc -l)
draw=$(($(cksum <<<"$nth $*" | cut -d ' ' -f 1) % 100))
[[ $* == *"--until fill"* ]] || draw=99
if [ "$draw" -lt 15 ] && [ "$nth" -eq 1 ]; then
    "$ZREL" "$@" 2>"$run/log" &
    sleep "0.$((10 + draw * 2))"
    kill -KILL $!
    wait $!
elif [ "$draw" -lt 30 ]; then
    "$ZREL" "$@" 2>"$run/log" && "$ZREL" "$@" 2>"$run/again.log"
else
    "$ZREL" "$@" 2>"$run/log"
fi
code=$?
echo "$code" >"$run/code"
[ "$code" -eq 0 ] || cat "$run/log" >&2
exit "$code"
PROGRAM
    chmod +x "$work/programs/zrel"
    export ZREL RUNS=$work/runs ZREL_LOG=http=debug PATH=$work/programs:$PATH
}

# Waits until no job is left. Jobs that were put back into the queue would wait for two minutes.
wait_for_jobs() {
    local job
    while [ -n "$(squeue --noheader --format=%i)" ]; do
        for job in $(squeue --noheader --array --states=PENDING --format='%i %r' |
            awk '$2 == "BeginTime" { print $1 }'); do
            scontrol update "JobId=$job" StartTime=now || true
        done
        sleep 1
    done
}

# Checks what is on the server, and what the workers' logs say.
check() {
    python3 - "$port" "$n_members" <<'CHECK'
import json, sys, urllib.request
port, n_members = sys.argv[1], int(sys.argv[2])
found = []
for page in range(1, 1000):
    url = f"http://127.0.0.1:{port}/api/deposit/depositions?size=100&all_versions=true&page={page}"
    asked = urllib.request.Request(url, headers={"Authorization": "Bearer alice-token"})
    entries = json.load(urllib.request.urlopen(asked))
    found += entries
    if len(entries) < 100:
        break
titles = sorted(one["title"] for one in found)
assert titles == sorted(f"Tables m{n}" for n in range(1, n_members + 1)), titles
open_drafts = [one["id"] for one in found if one["state"] != "done"]
assert not open_drafts, open_drafts
CHECK
    env -u ZREL_LOG "$ZREL" plan --detailed-exitcode >/dev/null
    awk '
        FNR == 1 { n_answers = 0 }
        / status=/ { if (n_answers++ && / status=429 /) { print FILENAME ": " $0; failed = 1 } }
        END { exit failed }
    ' "$work"/runs/*/*log
    local n_killed
    n_killed=$(cat "$work"/runs/*/code | grep -c '^137$')
    echo "ok: $n_members members published once; $n_killed workers killed," \
        "$(find "$work/runs" -name again.log | wc -l) tasks done twice," \
        "$(grep -cE '^(GET|POST|PUT) .* [0-9]+ [0-9]+$' "$work/server.log") requests," \
        "$(grep -c ' 429 ' "$work/server.log" || true) of them refused"
}

start_munge
start_slurm
start_server
write_project
write_program
"$ZREL" workspace export --engine slurm >zrel-slurm.sh
digest=$("$ZREL" plan --initial --format json 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["digest"])')
code=0
bash zrel-slurm.sh "sha256:$(printf '0%.0s' {1..64})" --initial || code=$?
[ "$code" -eq 10 ] || { echo "error: another digest was not refused: $code" >&2; exit 1; }
bash zrel-slurm.sh "$digest" --initial
wait_for_jobs
check

#!/usr/bin/env bash
# Written by `zrel workspace export --engine slurm`, version @VERSION@.
#
# Publishes the members of a workspace with SLURM, after their plans were reviewed:
#
#     zrel plan                          # prints the digest of the workspace
#     bash zrel-slurm.sh sha256:…        # behind it the flags of the plans, such as --initial
#
# Run it in this folder, which the nodes share. It opens all drafts on this machine, submits an
# array of jobs that fills them, @WORKERS@ at once, and a job that publishes them after all others
# succeeded. Nothing is published unless the plans have this digest, and every draft is as planned.
#
# - It needs python3 and zrel here, zrel on the nodes, and the token of the server in the
#   environment, which sbatch passes on. Options for all jobs, such as a partition or a time limit,
#   go into variables: SBATCH_PARTITION=long SBATCH_TIMELIMIT=1-0 bash zrel-slurm.sh …
# - slurm.conf needs `Licenses=zenodo:@WORKERS@`, so that all users together keep to the limit, and
#   `RequeueExit=75`: a job that ends with 75 is started again, after two minutes. Without it such a
#   job ends as failed.
# - After a failure run the same command again: it continues. After the release, commit the changed
#   zenodo.lock files.
#
# A job is started again up to three times, after the exit codes 12, 14, 69, 75, 130 and 137 (a
# kill). Any other code needs a person, and then nothing is published. Logs and the list of jobs are
# below .zrel, separately for each digest.
set -euo pipefail

manifest=@MANIFEST@

# Prepares, and submits the jobs.
submit() {
    local digest=$1 state fill after=()
    shift
    if ! [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
        echo "error: give the digest of the reviewed plans: sha256:… (\`zrel plan\` prints it: Digest of the workspace)" >&2
        exit 64
    fi
    state=$(dirname "$manifest")/.zrel/slurm/${digest:7:16}
    zrel -m "$manifest" apply --until prepare "$@" --expect "$digest"
    mkdir -p "$state/filled"
    rm -f "$state/filled"/*
    # By default, SLURM takes no array of more than 1000 jobs.
    zrel -m "$manifest" workspace matrix --max 1000 "$@" >"$state/matrix.json"
    list_jobs "$state/matrix.json" >"$state/jobs.tsv"
    local n_jobs
    n_jobs=$(wc -l <"$state/jobs.tsv")
    if [ "$n_jobs" -gt 0 ]; then
        fill=$(sbatch --parsable --job-name=zrel-fill --array="0-$((n_jobs - 1))%@WORKERS@" \
            --licenses=zenodo:1 --requeue --open-mode=append --output="$state/fill-%a.log" \
            "$0" fill "$state" "$@")
        fill=${fill%%;*}
        # After a task that was started again, SLURM takes afterok for failed: publish looks itself.
        after=(--dependency="afterany:$fill")
        echo "Submitted $n_jobs jobs that fill the drafts: $fill"
    fi
    local publish
    publish=$(sbatch --parsable --job-name=zrel-publish ${after[@]+"${after[@]}"} \
        --licenses=zenodo:1 --requeue --open-mode=append --output="$state/publish.log" \
        "$0" publish "$state" "$digest" "$@")
    echo "Submitted the job that publishes after them: ${publish%%;*}"
    echo "Their logs are in $state"
}

# Prints a line for each job of a matrix: its digest and its keys, with tabs between them.
list_jobs() {
    python3 -c '
import json, sys
for job in json.load(open(sys.argv[1], encoding="utf-8"))["include"]:
    print("\t".join([job["digest"], *job["keys"]]))
' "$1"
}

# Fills the members of one job of the array.
fill() {
    local state=$1 line digest key members=()
    shift
    line=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$state/jobs.tsv")
    digest=${line%%$'\t'*}
    while IFS= read -r key; do
        members+=(-p "$key")
    done < <(cut -f 2- <<<"$line" | tr '\t' '\n')
    # All workers together stay below the server's limit of requests.
    export ZREL_RATE_SHARE=1/@WORKERS@
    try_zrel apply "${members[@]}" --until fill "$@" --expect "$digest"
    touch "$state/filled/$SLURM_ARRAY_TASK_ID"
}

# Publishes all members, once the jobs that fill them succeeded.
publish() {
    local state=$1 digest=$2 n_jobs n_filled
    shift 2
    n_jobs=$(wc -l <"$state/jobs.tsv")
    n_filled=$(find "$state/filled" -type f | wc -l)
    if [ "$n_filled" -lt "$n_jobs" ]; then
        echo "error: $((n_jobs - n_filled)) of $n_jobs jobs did not fill their drafts; nothing is published" >&2
        exit 1
    fi
    try_zrel apply "$@" --expect "$digest"
}

# Runs zrel, and ends with 75 where another try may succeed.
try_zrel() {
    local code=0
    zrel -m "$manifest" "$@" || code=$?
    case $code in
        0) ;;
        # After 14 it is not known whether a record was published: zrel looks before it goes on.
        12 | 14 | 69 | 75 | 130 | 137)
            [ "${SLURM_RESTART_COUNT:-0}" -ge 3 ] || exit 75
            # Another 75 would start it again.
            echo "error: zrel ended with $code at the last of four tries" >&2
            exit 1
            ;;
        *) exit "$code" ;;
    esac
}

case ${1:-} in
    fill | publish) "$@" ;;
    "")
        echo "usage: bash ${0##*/} sha256:DIGEST [FLAGS OF THE PLANS]" >&2
        exit 64
        ;;
    *) submit "$@" ;;
esac

#!/bin/bash
# Starts Postgres under the contract of the official image, as its documentation states it: the same variables, the same
# folder of scripts for a new cluster, the same rules of access, the same lines of log that people wait for.
set -Eeuo pipefail

# Takes variable $1 from the file that $1_FILE names, else as it is, else as $2.
take() {
  local name=$1 file="${1}_FILE" value
  if [[ -n ${!name:-} && -n ${!file:-} ]]; then
    echo >&2 "error: both $name and $file are set (but are exclusive)"
    exit 1
  fi
  value=${!name:-${2:-}}
  [[ -z ${!file:-} ]] || value=$(<"${!file}")
  export "$name=$value"
  unset "$file"
}

only_asks() {
  local word
  for word; do
    case $word in '-?' | --help | --describe-config | -V | --version) return 0 ;; esac
  done
  return 1
}

own_folders() {
  local folder
  mkdir -p "$PGDATA"
  chmod 00700 "$PGDATA" || :
  mkdir -p /var/run/postgresql || :
  chmod 03775 /var/run/postgresql || :
  if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 700 "$POSTGRES_INITDB_WALDIR"
  fi
  if [[ $(id -u) == 0 ]]; then
    for folder in "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}; do
      find "$folder" ! -user postgres -exec chown postgres '{}' +
    done
  fi
}

# From 18 on, a volume where the older images wanted it would stay empty, and the data be lost with the container.
refuse_old_layout() {
  local folder found=()
  [[ $PGDATA == "/var/lib/postgresql/$PG_MAJOR/docker" ]] || return 0
  for folder in /var/lib/postgresql /var/lib/postgresql/data /var/lib/postgresql/*/docker; do
    [[ ! -s $folder/PG_VERSION ]] || found+=("$folder")
  done
  if [[ ${#found[@]} == 0 ]] && mountpoint -q /var/lib/postgresql/data; then
    found+=('/var/lib/postgresql/data (unused mount/volume)')
  fi
  [[ ${#found[@]} == 0 ]] && return 0
  echo >&2 "Error: in 18+, these images store database data in a folder of the major version's own,"
  echo >&2 "       and want one mount at /var/lib/postgresql. Found instead: ${found[*]}"
  exit 1
}

demand_password() {
  [[ -n $POSTGRES_PASSWORD || $POSTGRES_HOST_AUTH_METHOD == trust ]] && return 0
  echo >&2 'Error: Database is uninitialized and superuser password is not specified.'
  echo >&2 '       Set POSTGRES_PASSWORD to a non-empty value, or POSTGRES_HOST_AUTH_METHOD=trust to let everyone in.'
  exit 1
}

make_cluster() {
  # initdb wants a user with a name, which `--user` need not have.
  if ! getent passwd "$(id -u)" >/dev/null; then
    NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
    LD_PRELOAD=$(find /usr/lib -name libnss_wrapper.so | head -n 1)
    export NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP LD_PRELOAD
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
    echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
  fi
  set --
  [[ -z ${POSTGRES_INITDB_WALDIR:-} ]] || set -- --waldir "$POSTGRES_INITDB_WALDIR"
  # The arguments are by contract a piece of shell.
  eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"' "$@"'
  if [[ -n ${NSS_WRAPPER_PASSWD:-} ]]; then
    rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  fi
}

# initdb has let in everyone on the socket and on the loopback; this is for all others.
let_others_in() {
  local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "${@:2}")}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# Only on the socket: who waits for TCP does not take this server for the real one.
with_temporary_server() {
  local action=$1
  shift 2
  set -- "$@" -c listen_addresses='' -p "${PGPORT:-5432}"
  NOTIFY_SOCKET='' PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@")" -w start
  "$action"
  PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop
}

# The name is part of the contract: scripts of users call it.
docker_process_sql() {
  local query=(psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc)
  [[ -z ${POSTGRES_DB:-} ]] || query+=(--dbname "$POSTGRES_DB")
  PGHOST='' PGHOSTADDR='' "${query[@]}" "$@"
}

fill_cluster() {
  local exists file
  exists=$(POSTGRES_DB='' docker_process_sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only \
    <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
  [[ -n $exists ]] || POSTGRES_DB='' docker_process_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db"'
  echo
  for file in /docker-entrypoint-initdb.d/*; do
    run_script "$file"
    echo
  done
}

run_script() {
  local file=$1
  [[ -e $file ]] || return 0
  case $file in
    *.sh) if [[ -x $file ]]; then echo "$0: running $file"; "$file"; else echo "$0: sourcing $file"; . "$file"; fi ;;
    *.sql) echo "$0: running $file"; docker_process_sql -f "$file" ;;
    *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | docker_process_sql ;;
    *.sql.xz) echo "$0: running $file"; xzcat "$file" | docker_process_sql ;;
    *.sql.zst) echo "$0: running $file"; zstd -dc "$file" | docker_process_sql ;;
    *) echo "$0: ignoring $file" ;;
  esac
}

prepare() {
  take POSTGRES_PASSWORD
  take POSTGRES_USER postgres
  take POSTGRES_DB "$POSTGRES_USER"
  take POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  if [[ -s $PGDATA/PG_VERSION ]]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    return 0
  fi
  demand_password
  refuse_old_layout
  ls /docker-entrypoint-initdb.d/ >/dev/null # a folder that cannot be read is found out before anything is made
  make_cluster
  let_others_in "$@"
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  with_temporary_server fill_cluster "$@"
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

[[ ${1:-} != -* ]] || set -- postgres "$@"
if [[ ${1:-} == postgres ]] && ! only_asks "$@"; then
  own_folders
  [[ $(id -u) != 0 ]] || exec gosu postgres "$BASH_SOURCE" "$@"
  prepare "$@"
fi
exec "$@"

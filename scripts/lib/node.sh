# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# One development node as a child of the script: start, wait, stop. Needs messages.sh and
# environment.sh.

node_pid=''
node_log=''
node_port=''
node_end=''
# The program, if it is not the workspace's own; the script that sources this may set it.
node_binary=${node_binary:-}

# How long the chain may take to author its first block, and to finalise one, in seconds.
first_block_seconds=120
first_finality_seconds=60
# How long the node may take to write down what it has and end.
stop_seconds=30

# Whether something listens on a TCP port of this machine.
is_port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A free port, searched upwards from the argument.
free_port() {
	local port=$1
	while is_port_taken "$port"; do
		port=$((port + 1))
		[ "$port" -le 65535 ] || fail "no free port from $1 upwards." "Stop some servers and try again."
	done
	echo "$port"
}

# The part of the node's log that matters when it fails.
show_node_log() {
	say "    the last lines of $node_log:"
	tail -n 25 "$node_log" | sed 's/^/    | /' >&2
}

is_node_running() { [ -n "$node_pid" ] && kill -0 "$node_pid" 2>/dev/null; }

# start_node PORT ARGUMENT...: a development chain with its RPC server on PORT.
start_node() {
	local binary=${node_binary:-$CARGO_TARGET_DIR/debug/millrace} guard=()
	node_port=$1
	shift
	node_log=$state_home/dev-$node_port.log
	# A chain of somebody else would answer on this port, and be mistaken for ours.
	! is_port_taken "$node_port" || fail "port $node_port is in use." "Stop what uses it and try again."
	mkdir -p "$state_home"
	# If this script is killed outright, the node ends with it.
	if command -v setpriv >/dev/null; then guard=(setpriv --pdeathsig TERM); fi
	# Who names addresses for peers has named the port.
	case " $* " in *' --listen-addr '*) ;; *) set -- --port "$(free_port 30333)" "$@" ;; esac
	"${guard[@]}" "$binary" --dev --rpc-port "$node_port" \
		--prometheus-port "$(free_port 9615)" "$@" >"$node_log" 2>&1 </dev/null &
	node_pid=$!
}

# Ends the node and waits for it; `node_end` then says how it went. Safe to call twice.
stop_node() {
	local waited=0 pid=$node_pid
	[ -n "$pid" ] || return 0
	node_end=' cleanly'
	kill -TERM "$pid" 2>/dev/null || true
	while kill -0 "$pid" 2>/dev/null; do
		if [ "$waited" -ge $((stop_seconds * 10)) ]; then
			warn "the node did not end within $stop_seconds seconds; killing it."
			kill -KILL "$pid" 2>/dev/null || true
			node_end=' by force'
			break
		fi
		sleep 0.1
		waited=$((waited + 1))
	done
	wait "$pid" 2>/dev/null || true
	node_pid=''
}

# rpc METHOD [PARAMETERS]: the node's answer, or nothing.
rpc() {
	curl -s --noproxy '*' --max-time 5 -H 'Content-Type: application/json' \
		-d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":[${2:-}]}" \
		"http://127.0.0.1:$node_port" 2>/dev/null || true
}

# Height in a header answer; 0 while there is none.
height_of() {
	local height
	height=$(sed -n 's/.*"number":"\(0x[0-9a-f]*\)".*/\1/p')
	echo $((${height:-0}))
}

best_height() { rpc chain_getHeader | height_of; }

finalized_height() {
	local hash
	hash=$(rpc chain_getFinalizedHead | sed -n 's/.*"result":"\(0x[0-9a-f]*\)".*/\1/p')
	if [ -n "$hash" ]; then rpc chain_getHeader "\"$hash\"" | height_of; else echo 0; fi
}

# wait_until SECONDS WHAT COMMAND: until COMMAND prints a height above zero.
wait_until() {
	local seconds=$1 what=$2 command=$3 start=$SECONDS height
	while true; do
		is_node_running || {
			show_node_log
			fail "the node ended before $what." "Its log above says why; the whole of it is $node_log."
		}
		height=$("$command")
		if [ "$height" -gt 0 ]; then
			say "    $what: #$height, $((SECONDS - node_start))s after the start"
			return
		fi
		if [ $((SECONDS - start)) -ge "$seconds" ]; then
			show_node_log
			fail "no sign of $what after $seconds seconds." \
				"Its log above may say why; a machine under heavy load can also be too slow. Try again."
		fi
		sleep 0.3
	done
}

# Waits until the chain authors and finalises blocks.
wait_for_chain() {
	local node_start=$SECONDS
	wait_until "$first_block_seconds" "the first block" best_height
	wait_until "$first_finality_seconds" "the first finalised block" finalized_height
}

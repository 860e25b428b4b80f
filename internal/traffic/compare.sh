#!/usr/bin/env bash
# Measures `tcpviz conns` beside other programs that read capture files, on
# synthetic files: whole processes, one after the other, several rounds.
set -euo pipefail

usage() {
	cat <<'END'
Usage: internal/traffic/compare.sh [OPTION]... [FILE]...

The files, made for the occasion and removed at the end (default: short):
  short    1,000,000 packets in 100,000 connections, 92 MB
  pcapng   the same packets as pcapng, 110 MB (and tcpviz on short beside it)
  flood    1,000,000 SYNs from as many addresses and ports, 90 MB
  bulk     10 connections, 1 GB
  scale    10 thousand to 10 million packets of short connections (at most
           0.9 GB at a time): the cost of each packet, of the programs that
           need little memory
  all      all of them

Options:
  -n RUNS      rounds (default 5); in each round every program runs once
  -p NAMES     only these programs, with commas between them; of tcpviz,
               tcpviz-text, tcpdump, softflowd, argus, tcptrace, tshark
  -t SECONDS   the longest time that one run may take, and about the time
               after which a program is not run again (default 120)
  -d FOLDER    where the files are made (default: $TMPDIR, or /tmp)
  -x PROGRAM   an existing tcpviz, instead of building this one
  -h           this text

A row of the table is one program: the median of its runs' elapsed time, of
their user and system time, of their peak memory (resident, MB of 1,000,000
bytes), and the times divided by those of the first row, tcpviz with JSON.
Programs that are not installed are left out, and named.
END
}

fail() {
	printf 'compare.sh: %s\n' "$1" >&2
	exit 2
}

note() { printf '%s\n' "$*" >&2; }

runs=5
limit=120
folder=${TMPDIR:-/tmp}
only=
tcpviz=
while getopts n:p:t:d:x:h option; do
	case $option in
	n) runs=$OPTARG ;;
	p) only=$OPTARG ;;
	t) limit=$OPTARG ;;
	d) folder=$OPTARG ;;
	x) tcpviz=$OPTARG ;;
	h) usage && exit 0 ;;
	*) fail 'compare.sh -h shows the options' ;;
	esac
done
shift $((OPTIND - 1))
[[ $runs =~ ^[1-9][0-9]?$ ]] || fail "-n $runs: must be 1 to 99"
[[ $limit =~ ^[1-9][0-9]{0,3}$ ]] || fail "-t $limit: must be 1 to 9999 seconds"
[[ -d $folder ]] || fail "-d $folder: no such folder"
[[ -z $tcpviz || -x $tcpviz ]] || fail "-x $tcpviz: no such program"
[[ -z $tcpviz ]] || tcpviz=$(realpath "$tcpviz")
[[ $# -gt 0 ]] || set -- short
[[ $* != all ]] || set -- short pcapng flood bulk scale
for case in "$@"; do
	case $case in
	short | pcapng | flood | bulk | scale) ;;
	*) fail "$case: must be short, pcapng, flood, bulk, scale or all" ;;
	esac
done

peers=(tcpdump softflowd argus tcptrace tshark)
# Some of them are where only root's PATH leads to.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
missing=()
tools=()
for tool in tcpviz tcpviz-text "${peers[@]}"; do
	[[ -z $only || ,$only, == *,$tool,* ]] || continue
	if [[ $tool == tcpviz* ]] || command -v "$tool" >/dev/null; then
		tools+=("$tool")
	else
		missing+=("$tool")
	fi
done
for tool in ${only//,/ }; do
	[[ " tcpviz tcpviz-text ${peers[*]} " == *" $tool "* ]] || fail "-p $tool: must be tcpviz, tcpviz-text, or one of ${peers[*]}"
done
[[ ${#tools[@]} -gt 0 ]] || fail 'none of these programs is installed'
[[ ${#missing[@]} -eq 0 ]] || note "not installed, and left out: ${missing[*]}"

# GNU time tells the peak memory; bash alone tells the times.
meter=
for program in /usr/bin/time gtime; do
	if "$program" -f %M true >/dev/null 2>&1; then
		meter=$program
		break
	fi
done
[[ -n $meter ]] || note "no peak memory: GNU time is not installed (Debian's package is called time)"
command -v timeout >/dev/null || fail 'timeout (GNU coreutils) is not installed'

# No program may take so much memory that the machine suffers.
memory=unlimited
if [[ -r /proc/meminfo ]]; then
	memory=$(awk '$1 == "MemAvailable:" { printf "%d", $2 * 0.8 }' /proc/meminfo)
fi

work=$(mktemp -d "$folder/tcpviz-compare.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
(
	cd "$root"
	go build -o "$work/generate" ./internal/traffic/generate
	[[ -n $tcpviz ]] || go build -o "$work/tcpviz" ./cmd/tcpviz
)
tcpviz=${tcpviz:-$work/tcpviz}

# generate FILE MEGABYTES OPTION... makes a file, if there is room for it.
generate() {
	local file=$1 megabytes=$2 free
	shift 2
	free=$(df -Pm "$work" | awk 'NR == 2 { print $4 }')
	((free > megabytes + 100)) || fail "$folder has $free MB free, $megabytes are needed: -d names another folder"
	"$work/generate" "$@" -o "$file" >"$work/made"
	sed -E 's/.*: ([0-9]+) frames, ([0-9]+) bytes/\1 \2/' "$work/made" >"$file.size"
	cat "$file" >/dev/null # all find it in the page cache
}

# command_of TOOL FILE sets the array command.
command_of() {
	case $1 in
	tcpviz) command=("$tcpviz" conns "$2" --output json) ;;
	tcpviz-text) command=("$tcpviz" conns "$2" --output text) ;;
	tcpdump) command=(tcpdump -r "$2" -w /dev/null tcp) ;;
	# Without a collector, a control socket and a daemon: it tracks, and tells its sums.
	softflowd) command=(softflowd -r "$2" -d -c none -p none) ;;
	argus) command=(argus -F /dev/null -r "$2" -w /dev/null) ;;
	tcptrace) command=(tcptrace -n "$2") ;;
	tshark) command=(tshark -n -q -z conv,tcp -r "$2") ;;
	esac
}

# measure ROW TOOL FILE runs a program once, and adds "ROW wall cpu kilobytes" to the
# results; or takes the row out of the race, and says why.
measure() {
	local row=$1 status=0 wall user system kilobytes=0
	command_of "$2" "$3"
	[[ -z $meter ]] || command=("$meter" -q -o "$work/memory" -f %M "${command[@]}")
	command=(timeout -k 5 "$limit" "${command[@]}")
	(
		ulimit -v "$memory"
		TIMEFORMAT='%3R %3U %3S'
		{ time "${command[@]}" >/dev/null 2>"$work/errors"; } 2>"$work/times"
	) || status=$?
	read -r wall user system <"$work/times"
	if ((status == 124 || status == 137)); then
		out[$row]="was stopped after $limit s"
		return
	fi
	if ((status != 0)); then
		out[$row]="failed with status $status: $(tail -n 1 "$work/errors" | tr -dc '[:print:]' | cut -c 1-100)"
		return
	fi
	[[ -z $meter ]] || kilobytes=$(cat "$work/memory")
	printf '%s\t%s\t%s\t%s\n' "$row" "$wall" "$(awk "BEGIN { print $user + $system }")" "$kilobytes" >>"$work/results"
	spent[$row]=$(awk "BEGIN { print ${spent[$row]:-0} + $wall }")
	if awk "BEGIN { exit !(${spent[$row]} > $limit) }"; then
		out[$row]=enough
	fi
}

# race ROW... runs each row, "LABEL|TOOL|FILE", as many times as there are rounds.
race() {
	local round row label tool file
	: >"$work/results"
	declare -gA out=() spent=()
	for ((round = 1; round <= runs; round++)); do
		for row in "$@"; do
			IFS='|' read -r label tool file <<<"$row"
			[[ -z ${out[$label]:-} ]] || continue
			note "round $round of $runs: $label"
			measure "$label" "$tool" "$file"
		done
	done
}

# table FRAMES LABEL... prints the medians, and with FRAMES above 0 the time for each.
table() {
	local frames=$1 label
	shift
	printf '%s\n' "$@" | awk -F '\t' -v frames="$frames" -v metered="$meter" '
		function median(list, n,   i, j, t) {
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
					t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
				}
			return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
		}
		function ratio(a, b) { return b > 0 ? sprintf("%.2f", a / b) : "-" }
		FILENAME != "-" {
			n = ++count[$1]
			wall[$1, n] = $2; cpu[$1, n] = $3; memory[$1, n] = $4
			next
		}
		FNR == 1 {
			first = $1
			printf "%-22s %5s %9s %9s %9s %9s %9s", "", "runs", "wall s", "cpu s", "peak MB", "wall/1st", "cpu/1st"
			print (frames > 0 ? "  ns/packet" : "")
		}
		{
			n = count[$1]
			if (!n) next
			for (i = 1; i <= n; i++) { w[i] = wall[$1, i]; c[i] = cpu[$1, i]; m[i] = memory[$1, i] }
			mw = median(w, n); mc = median(c, n); mm = median(m, n)
			if ($1 == first) { fw = mw; fc = mc }
			printf "%-22s %5d %9.3f %9.3f %9s %9s %9s", $1, n, mw, mc, metered ? sprintf("%.0f", mm * 1024 / 1e6) : "-", ratio(mw, fw), ratio(mc, fc)
			print (frames > 0 ? sprintf("  %9.0f", mw * 1e9 / frames) : "")
		}
	' "$work/results" -
	for label in "$@"; do
		[[ ${out[$label]:-enough} == enough ]] || printf '%-22s %s\n' "$label" "${out[$label]}"
	done
}

# compare TITLE FILE TOOL... races the tools on a file, and prints the table.
compare() {
	local title=$1 file=$2 frames bytes tool rows=() labels=()
	shift 2
	read -r frames bytes <"$file.size"
	for tool in "$@"; do
		rows+=("$tool|$tool|$file")
		labels+=("$tool")
	done
	if [[ $title == pcapng && " $* " == *' tcpviz '* ]]; then
		rows+=("tcpviz on pcap|tcpviz|$work/short.pcap")
		labels+=('tcpviz on pcap')
	fi
	race "${rows[@]}"
	printf '\n%s: %d packets, %d bytes\n' "$title" "$frames" "$bytes"
	table "$frames" "${labels[@]}"
}

for case in "$@"; do
	case $case in
	short)
		generate "$work/short.pcap" 92 -shape short -connections 100000
		compare short "$work/short.pcap" "${tools[@]}"
		;;
	pcapng)
		generate "$work/short.pcap" 92 -shape short -connections 100000
		generate "$work/short.pcapng" 110 -shape short -connections 100000 -format pcapng
		compare pcapng "$work/short.pcapng" "${tools[@]}"
		;;
	flood)
		generate "$work/flood.pcap" 90 -shape flood -connections 1000000
		compare flood "$work/flood.pcap" "${tools[@]}"
		;;
	bulk)
		generate "$work/bulk.pcap" 1000 -shape bulk -bytes 1000000000
		compare bulk "$work/bulk.pcap" "${tools[@]}"
		;;
	scale)
		light=()
		for tool in "${tools[@]}"; do
			case $tool in
			tcpviz | tcpdump | softflowd) light+=("$tool") ;;
			esac
		done
		[[ ${#light[@]} -gt 0 ]] || fail 'scale: measures only tcpviz, tcpdump and softflowd'
		for connections in 1000 10000 100000 1000000; do
			generate "$work/scale.pcap" 920 -shape short -connections "$connections"
			compare scale "$work/scale.pcap" "${light[@]}"
		done
		;;
	esac
	rm -f "$work"/*.pcap "$work"/*.pcapng "$work"/*.size
done

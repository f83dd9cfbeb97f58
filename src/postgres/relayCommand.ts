// What joins a session to the server in its container, with what the container has. Each of them says first which kind
// it is: "kept" takes one connection after another, "once" is joined to a single one.
//
// Both sides of a connection, whichever ends first ends the other: nothing stays behind in the container, neither when
// the server closes nor when the editor dies. TCP and not the socket file, because during its initialisation the
// server already answers on the file and then restarts.

// The last "wait" matters: an orphan that dies of a signal makes Postgres, as process 1, restart (see exec.ts).
// What cannot connect reads the beginning of the client's first message (it has at least eight bytes) before it ends: a
// connection that breaks while the client still writes to it loses what was to be read, and with it the reason.
const throughBash = `
exec 3<>"/dev/tcp/127.0.0.1/$1" 4<&0 || { head -c 8 >/dev/null; exit 111; }
cat <&3 & reader=$!
cat <&4 >&3 & writer=$!
exec 3>&- 4<&-
wait -n
kill "$reader" "$writer" 2>/dev/null
wait`;

const once = `
command -v bash >/dev/null 2>&1 && echo once && exec bash -c "$2" bash "$1"
command -v socat >/dev/null 2>&1 && echo once && exec socat - "TCP:127.0.0.1:$1"
command -v nc >/dev/null 2>&1 && echo once && exec nc 127.0.0.1 "$1"
echo "no relay: bash, perl, socat and nc are missing" >&2
exit 127`;

// Frames as in relayFrames.ts. Without IO::Socket, which takes longer to load than all the rest.
// A write to a server that has gone is no error here: its last words are yet to be read.
const kept = `
BEGIN { eval { require Socket; Socket->import; 1 } or exec "sh", "-c", $ARGV[1], "sh", @ARGV[0, 2] }
$SIG{PIPE} = "IGNORE";
my ($server, $isOver, $input) = (undef, 0, "");
sub pass {
  my ($to, $bytes) = @_;
  for (my $sent = 0; $sent < length $bytes; ) {
    my $written = syswrite($to, $bytes, length($bytes) - $sent, $sent);
    return 0 unless defined $written;
    $sent += $written;
  }
  return 1;
}
sub answer {
  my ($kind, $bytes) = @_;
  pass(\\*STDOUT, pack("aN", $kind, length $bytes) . $bytes) or exit 1;
}
sub over { ($server, $isOver) = (undef, 1); answer("E", $_[0]) }
sub dial {
  my $socket;
  socket($socket, PF_INET, SOCK_STREAM, 0) && connect($socket, pack_sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) or return over("$!");
  setsockopt($socket, 6, 1, 1); # TCP_NODELAY: a query is several messages, and only the last is answered
  $server = $socket;
}
pass(\\*STDOUT, "kept\\n");
while (1) {
  my $ready = "";
  vec($ready, fileno($_), 1) = 1 for \\*STDIN, $server || ();
  next if select($ready, undef, undef, undef) < 0;
  if ($server && vec($ready, fileno($server), 1)) {
    if (sysread($server, my $bytes, 65536)) { answer("D", $bytes) } else { over("") }
  }
  next unless vec($ready, fileno(STDIN), 1);
  sysread(STDIN, $input, 65536, length $input) or exit 0;
  while (length $input >= 5) {
    my ($kind, $length) = unpack("aN", $input);
    last if length $input < 5 + $length;
    my $bytes = substr($input, 5, $length);
    substr($input, 0, 5 + $length, "");
    if ($kind eq "H") { ($server, $isOver) = (undef, 0); answer("H", "") }
    elsif (!$isOver && ($server || dial())) { pass($server, $bytes) }
  }
}`;

const choose = `
command -v perl >/dev/null 2>&1 && exec perl -e "$4" "$1" "$2" "$3"
exec sh -c "$2" sh "$1" "$3"`;

/** The argument list of what relays to a port inside the container. */
export function relayCommand(port: number): readonly string[] {
  return ['sh', '-c', choose, 'sh', String(port), once, throughBash, kept];
}

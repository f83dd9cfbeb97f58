import { Duplex } from 'node:stream';
import type { Engine } from '../engine/engine';
import { FrameDecoder } from '../engine/frames';
import { asFailure } from '../protocol/failure';

// Both sides of the connection, whichever ends first ends the other: nothing stays behind in the container,
// neither when the server closes nor when the editor dies. TCP and not the socket file, because during its
// initialisation the server already answers on the file and then restarts.
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

// Without IO::Socket, which takes longer to load than all the rest.
const throughPerl = `
use Socket;
my $server;
socket($server, PF_INET, SOCK_STREAM, 0) && connect($server, pack_sockaddr_in($ARGV[0], inet_aton("127.0.0.1")))
  or do { print STDERR "$!"; sysread(STDIN, my $first, 8); exit 111 };
my $both = "";
my $input = \\*STDIN;
vec($both, fileno($_), 1) = 1 for $server, $input;
while (1) {
  next if select(my $ready = $both, undef, undef, undef) < 0;
  for my $from ($server, $input) {
    next unless vec($ready, fileno($from), 1);
    my $length = sysread($from, my $bytes, 65536);
    exit 0 unless $length;
    my $to = $from == $server ? \\*STDOUT : $server;
    for (my $sent = 0; $sent < $length; ) {
      my $written = syswrite($to, $bytes, $length - $sent, $sent);
      exit 1 unless defined $written;
      $sent += $written;
    }
  }
}`;

const chooseRelay = `
if perl -MSocket -e 1 2>/dev/null; then exec perl -e "$3" "$1"
elif command -v bash >/dev/null 2>&1; then exec bash -c "$2" bash "$1"
elif command -v socat >/dev/null 2>&1; then exec socat - "TCP:127.0.0.1:$1"
elif command -v nc >/dev/null 2>&1; then exec nc 127.0.0.1 "$1"
fi
echo "no relay: bash, perl, socat and nc are missing" >&2
head -c 8 >/dev/null
exit 127`;

/** The argument list that joins standard input and output to a port inside the container, with what it has. */
export function relayCommand(port: number): readonly string[] {
  return ['sh', '-c', chooseRelay, 'sh', String(port), throughBash, throughPerl];
}

/**
 * A connection to a port inside a container, relayed by an exec: it needs no published port, no host tools
 * and no route to the container. Has the few methods of a socket that `pg` calls.
 */
export class RelayStream extends Duplex {
  private socket: Duplex | undefined;
  private readonly decoder = new FrameDecoder();
  private complaint = '';

  constructor(
    private readonly engine: Engine,
    private readonly container: string,
    private readonly port: number,
  ) {
    super({ allowHalfOpen: false });
  }

  /** What the relay said on standard error; the reason when a connection cannot be made. */
  get stderr(): string {
    return this.complaint.trim();
  }

  /** Called by `pg` instead of connecting a socket. */
  connect(): this {
    void this.open().catch((error: unknown) => this.destroy(asFailure(error)));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    this.socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.socket === undefined || this.socket.destroyed) done(new Error('The connection is closed.'));
    else if (this.socket.write(chunk)) done();
    else this.socket.once('drain', () => done());
  }

  override _final(done: () => void): void {
    this.socket?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket?.destroy();
    done(error);
  }

  private async open(): Promise<void> {
    const specification = { argv: relayCommand(this.port), env: {}, stdin: true };
    const id = await this.engine.createExec(this.container, specification);
    const socket = await this.engine.startExec(id, true);
    if (this.destroyed) return void socket.destroy();
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.once('end', () => this.push(null));
    socket.once('close', () => this.destroy());
    socket.once('error', (error) => this.destroy(error));
    this.emit('connect');
  }

  private receive(chunk: Buffer): void {
    try {
      for (const part of this.decoder.decode(chunk)) {
        if (part.stream === 'stderr') this.complaint = (this.complaint + part.bytes.toString('utf8')).slice(-2000);
        else if (!this.push(part.bytes)) this.socket?.pause();
      }
    } catch (error) {
      this.destroy(asFailure(error));
    }
  }
}

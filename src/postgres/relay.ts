import { Duplex } from 'node:stream';
import type { Engine } from '../engine/engine';
import { FrameDecoder } from '../engine/frames';
import type { AttachedExec } from '../engine/idleExecs';
import { asFailure } from '../protocol/failure';
import { relayCommand } from './relayCommand';
import { dataFrames, hangUp, RelayFrameDecoder } from './relayFrames';

/**
 * A connection to a port inside a container, relayed by an exec: it needs no published port, no host tools
 * and no route to the container. Has the few methods of a socket that `pg` calls.
 * A relay that can take one connection after another is put aside when this one has ended, for the next.
 */
export class RelayStream extends Duplex {
  private exec: AttachedExec | undefined;
  private detach = (): void => undefined;
  /** How the relay works (see relayCommand.ts), as soon as it is known. */
  private kind: 'kept' | 'once' | undefined;
  private greeting = '';
  private isConnected = false;
  private hasHungUp = false;
  private onHungUp = (): void => undefined;
  private readonly frames = new RelayFrameDecoder();
  private complaint = '';

  constructor(
    private readonly engine: Engine,
    private readonly container: string,
    private readonly port: number,
  ) {
    super({ allowHalfOpen: false });
  }

  /** What the relay said was wrong; the reason when a connection cannot be made. */
  get stderr(): string {
    return this.complaint.trim();
  }

  /** Called by `pg` instead of connecting a socket. */
  connect(): this {
    const waiting = this.engine.idleExecs.take(this.key);
    if (waiting === undefined) this.begin();
    else this.beginWith(waiting);
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
    this.exec?.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.send(chunk, done);
  }

  /** What `pg` corks goes as one write: a server that gets a query in pieces may be told of the rest only after it has acknowledged the first. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    if (this.kind === 'kept' && this.isConnected) {
      this.onHungUp = done;
      this.exec?.socket.write(hangUp);
    } else {
      this.exec?.socket.end();
      done();
    }
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.detach();
    if (this.exec !== undefined && this.hasHungUp) this.engine.idleExecs.put(this.key, this.exec);
    else this.exec?.socket.destroy();
    done(error);
  }

  private send(bytes: Buffer, done: (error?: Error | null) => void): void {
    const socket = this.exec?.socket;
    if (socket === undefined || socket.destroyed) done(new Error('The connection is closed.'));
    else if (socket.write(this.kind === 'kept' ? dataFrames(bytes) : bytes)) done();
    else socket.once('drain', () => done());
  }

  private get key(): string {
    return `relay ${this.container} ${this.port}`;
  }

  private begin(): void {
    void this.start().catch((error: unknown) => this.destroy(asFailure(error)));
  }

  private async start(): Promise<void> {
    const id = await this.engine.createExec(this.container, { argv: relayCommand(this.port), env: {}, stdin: true });
    const socket = await this.engine.startExec(id, true);
    socket.on('error', () => undefined); // also while nobody listens
    if (this.destroyed) return void socket.destroy();
    this.attach({ socket, decoder: new FrameDecoder() }, (error) => this.destroy(error));
  }

  /** Asks whether the relay is still there, which it answers as it does when it hangs up; it may just have died with its container. */
  private beginWith(waiting: AttachedExec): void {
    this.kind = 'kept';
    this.attach(waiting, () => {
      this.detach();
      this.kind = undefined;
      this.begin();
    });
    waiting.socket.write(hangUp);
  }

  /** Listens to a relay, which may be lost before there is a connection. */
  private attach(exec: AttachedExec, onLost: (error?: Error) => void): void {
    const { socket, decoder } = exec;
    const onData = (chunk: Buffer): void => this.receive(decoder, chunk);
    const onEnd = (): void => void (this.isConnected ? this.push(null) : onLost());
    const onClose = (): void => void (this.isConnected ? this.destroy() : onLost());
    const onError = (error: Error): void => void (this.isConnected ? this.destroy(error) : onLost(error));
    socket.on('data', onData).once('end', onEnd).once('close', onClose).on('error', onError);
    this.exec = exec;
    this.detach = () => void socket.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
  }

  private receive(decoder: FrameDecoder, chunk: Buffer): void {
    try {
      for (const part of decoder.decode(chunk)) {
        if (part.stream === 'stderr') this.complain(part.bytes);
        else if (this.kind === undefined) this.greet(part.bytes);
        else this.accept(part.bytes);
      }
    } catch (error) {
      this.destroy(asFailure(error));
    }
  }

  private complain(bytes: Buffer): void {
    this.complaint = (this.complaint + bytes.toString('utf8')).slice(-2000);
  }

  /** The first line tells how the relay works; it says nothing else before it is told something. */
  private greet(bytes: Buffer): void {
    this.greeting += bytes.toString('latin1');
    if (!this.greeting.endsWith('\n')) return;
    this.kind = this.greeting === 'kept\n' ? 'kept' : 'once';
    this.open();
  }

  private open(): void {
    this.isConnected = true;
    this.emit('connect');
  }

  private accept(bytes: Buffer): void {
    if (this.kind === 'once') return this.pass(bytes);
    for (const frame of this.frames.decode(bytes)) {
      if (frame.kind === 'D') this.pass(frame.bytes);
      else if (frame.kind === 'E') this.close(frame.bytes);
      else this.hungUp();
    }
  }

  private pass(bytes: Buffer): void {
    if (!this.push(bytes)) this.exec?.socket.pause();
  }

  /** The connection has ended; the stream then ends its own side, too, and hangs up. */
  private close(reason: Buffer): void {
    this.complain(reason);
    this.push(null);
  }

  private hungUp(): void {
    if (!this.isConnected) return this.open();
    this.hasHungUp = true;
    if (!this.readableEnded) this.push(null);
    this.onHungUp();
  }
}

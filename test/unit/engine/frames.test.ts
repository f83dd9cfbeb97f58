import assert from 'node:assert/strict';
import { FrameDecoder, type FramePart } from '../../../src/engine/frames';
import { randomFrom, type Random } from '../compose/random';
import { rejectsWith } from '../operations/rejectsWith';
import { frame } from './fakeEngine';

/** What came out, the parts of one stream that follow one another joined. */
function joined(parts: readonly FramePart[]): readonly (readonly [stream: string, text: string])[] {
  const runs: [string, string][] = [];
  for (const { stream, bytes } of parts) {
    const last = runs.at(-1);
    if (last?.[0] === stream) last[1] += bytes.toString('latin1');
    else runs.push([stream, bytes.toString('latin1')]);
  }
  return runs;
}

function decodeAll(chunks: readonly Buffer[]): readonly FramePart[] {
  const decoder = new FrameDecoder();
  const parts = chunks.flatMap((chunk) => decoder.decode(chunk));
  decoder.end();
  return parts;
}

/** The stream cut at these positions. */
function cut(stream: Buffer, positions: readonly number[]): readonly Buffer[] {
  return [0, ...positions].map((start, index) => stream.subarray(start, positions[index] ?? stream.length));
}

const stream = Buffer.concat([frame(2, '4711\n'), frame(1, 'PGDMP'), frame(1, ''), frame(1, '\u0001\0\0\0\0\0\0\u0004'), frame(2, 'warning'), frame(1, 'end')]);
const expected = [
  ['stderr', '4711\n'],
  ['stdout', 'PGDMP\u0001\0\0\0\0\0\0\u0004'],
  ['stderr', 'warning'],
  ['stdout', 'end'],
];

describe('FrameDecoder', () => {
  it('gives the same for every way to cut a stream in two', () => {
    for (let at = 0; at <= stream.length; at++) assert.deepEqual(joined(decodeAll(cut(stream, [at]))), expected, `cut at ${at}`);
  });

  it('gives the same for every way to cut a stream in three', () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        assert.deepEqual(joined(decodeAll(cut(stream, [first, second]))), expected, `cuts at ${first} and ${second}`);
      }
    }
  });

  it('gives the same byte by byte', () => {
    assert.deepEqual(joined(decodeAll([...stream].map((byte) => Buffer.from([byte])))), expected);
  });

  it('takes 300 random streams apart, however they are cut', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomFrom(seed);
      const frames = Array.from({ length: 1 + random.below(12) }, () => ({
        type: random.below(4),
        payload: randomBytes(random, random.pick([0, 1, 7, 8, 9, 300])),
      }));
      const bytes = Buffer.concat(frames.map(({ type, payload }) => frame(type, payload)));
      const positions = Array.from({ length: random.below(20) }, () => random.below(bytes.length + 1)).toSorted((a, b) => a - b);
      const parts = decodeAll(cut(bytes, positions));
      for (const wanted of ['stdout', 'stderr'] as const) {
        const written = frames.filter(({ type }) => (type < 2 ? 'stdout' : 'stderr') === wanted).map(({ payload }) => payload);
        const read = parts.filter((part) => part.stream === wanted).map((part) => part.bytes);
        assert.ok(Buffer.concat(read).equals(Buffer.concat(written)), `seed ${seed}, ${wanted}`);
      }
    }
  });

  for (const [type, name] of [
    [0, 'stdout'],
    [1, 'stdout'],
    [2, 'stderr'],
    [3, 'stderr'],
  ] as const) {
    it(`takes type ${type} for ${name}`, () => assert.deepEqual(joined(decodeAll([frame(type, 'x')])), [[name, 'x']]));
  }

  it('gives no part for an empty frame', () => {
    assert.deepEqual(decodeAll([frame(1, ''), frame(2, ''), frame(1, '')]), []);
  });

  it('passes the payload of a giant frame on as slices of what arrived, and keeps nothing of it', () => {
    const decoder = new FrameDecoder();
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    assert.deepEqual(decoder.decode(header), []);
    const chunk = Buffer.alloc(64 * 1024, 7);
    let seen = 0;
    while (seen + chunk.length <= 0xff_ff_ff_ff) {
      const [part, ...others] = decoder.decode(chunk);
      assert.ok(part !== undefined && others.length === 0);
      assert.equal(part.bytes.buffer, chunk.buffer);
      assert.equal(part.bytes.byteOffset, chunk.byteOffset);
      assert.equal(part.bytes.length, chunk.length);
      seen += part.bytes.length;
    }
    const [last, next] = decoder.decode(Buffer.concat([chunk.subarray(0, 0xff_ff_ff_ff - seen), frame(2, 'after')]));
    assert.equal(seen + (last?.bytes.length ?? 0), 0xff_ff_ff_ff);
    assert.equal(next?.bytes.toString(), 'after');
    decoder.end();
  });

  for (const [title, bytes] of [
    ['an unknown type', [4, 0, 0, 0, 0, 0, 0, 1]],
    ['the first byte without its padding', [1, 1, 0, 0, 0, 0, 0, 1]],
    ['the second byte without its padding', [1, 0, 1, 0, 0, 0, 0, 1]],
    ['the third byte without its padding', [2, 0, 0, 9, 0, 0, 0, 1]],
    ['the text of a proxy', [...Buffer.from('HTTP/1.1 502')]],
  ] as const) {
    it(`refuses ${title}, however it is cut`, async () => {
      for (let at = 0; at < 8; at++) {
        await rejectsWith('STREAM_CORRUPT', () => decodeAll([frame(1, 'good'), ...cut(Buffer.from(bytes), [at])]));
      }
    });
  }

  it('tells a stream that ends between frames from one that is cut inside', async () => {
    const bytes = Buffer.concat([frame(1, 'a'), frame(2, ''), frame(1, 'bc')]);
    const boundaries = new Set([0, 9, 17, 27]);
    for (let length = 0; length <= bytes.length; length++) {
      if (boundaries.has(length)) assert.doesNotThrow(() => decodeAll([bytes.subarray(0, length)]), `${length} bytes`);
      else await rejectsWith('STREAM_CUT', () => decodeAll([bytes.subarray(0, length)]));
    }
  });
});

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

import type { Progress } from '../../operations/operation';
import { formatBytes } from '../../protocol/format';
import { joinParts } from './words';

/** Milliseconds over which the speed is taken: long enough to be calm, short enough to tell the truth. */
const span = 3000;

/** Turns what an operation reports into lines for people: `Dumping public.users · 12 MB · 4.1 MB/s`. */
export class ProgressLine {
  private samples: readonly { readonly at: number; readonly bytes: number }[] = [];
  private fraction = 0;

  /** `at` in milliseconds. The increment is in percent, for a bar that only goes forward. */
  next({ message, bytes, fraction }: Progress, at: number): { readonly message: string; readonly increment?: number } {
    const speed = bytes === undefined ? undefined : this.speed(bytes, at);
    const line = joinParts(message, bytes === undefined ? undefined : formatBytes(bytes), speed === undefined ? undefined : `${formatBytes(speed)}/s`);
    if (fraction === undefined || fraction <= this.fraction) return { message: line };
    const increment = (fraction - this.fraction) * 100;
    this.fraction = fraction;
    return { message: line, increment };
  }

  /** Bytes in a second; undefined until it can be told. */
  private speed(bytes: number, at: number): number | undefined {
    const last = this.samples.at(-1);
    // Fewer bytes than before: something else is being counted now.
    const known = last !== undefined && bytes < last.bytes ? [] : this.samples;
    this.samples = [...known.filter((sample) => at - sample.at <= span), { at, bytes }];
    const first = this.samples[0];
    if (first === undefined || at - first.at < 500) return undefined;
    return ((bytes - first.bytes) / (at - first.at)) * 1000;
  }
}

import * as z from 'zod';
import { Failure } from '../protocol/failure';

/** A limit of the user's; 0 switches its check off. */
const limit = (standard: number): z.ZodDefault<z.ZodNumber> => z.number().nonnegative().default(standard);

const thresholdSchema = z.strictObject({
  /** Of the connections that ordinary users may have. */
  connectionsPercent: limit(80),
  longTransactionMinutes: limit(10),
  idleInTransactionMinutes: limit(5),
  blockedSeconds: limit(10),
  slowQuerySeconds: limit(60),
  /** Of the rows of a table; looked at from ten thousand dead ones on. */
  deadRowsPercent: limit(20),
  /** Transactions since the oldest row was frozen, in millions; at about 2,100 the server stops taking writes. */
  wraparoundMillions: limit(500),
  cacheHitPercent: limit(90),
  diskFreePercent: limit(10),
  backupAgeDays: limit(7),
});

/** From which values on something is worth a remark. */
export type Thresholds = Readonly<z.infer<typeof thresholdSchema>>;

export const standardThresholds: Thresholds = thresholdSchema.parse({});

/** The limits that the user wrote, with the standard ones where nothing is said. Throws `THRESHOLDS_INVALID`. */
export function readThresholds(written: unknown): Thresholds {
  const result = thresholdSchema.safeParse(written ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Failure(
    'THRESHOLDS_INVALID',
    `The limits for the health of databases cannot be used: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    `Correct them. There are ${Object.keys(standardThresholds).join(', ')}; each is a number, 0 for never.`,
  );
}

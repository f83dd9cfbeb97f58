import assert from 'node:assert/strict';
import { Failure } from '../../../src/protocol/failure';

/** Asserts that the work fails with a Failure of this code, and gives it. */
export async function rejectsWith(code: string, work: Promise<unknown> | (() => unknown)): Promise<Failure> {
  let result: unknown;
  try {
    result = await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    assert.equal(error.code, code, error.message);
    assert.notEqual(error.message, '');
    return error;
  }
  throw new assert.AssertionError({ message: `expected a failure ${code}`, actual: result });
}

import { errorCode } from '../../operations/files';
import { cancelled, Failure, messageOf } from '../../protocol/failure';
import { denied, differs, failed, full, interrupted, missing, unreachable } from './problems';

const deniedNames = [
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'TokenRefreshRequired',
  'CredentialsProviderError',
  'AccountProblem',
  'AllAccessDisabled',
];
const differsNames = ['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch', 'IncompleteBody', 'InvalidPart'];
const fullNames = ['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'ServiceQuotaExceeded'];
const elsewhereNames = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', 'TemporaryRedirect'];
const unreachableCodes = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'CERT_HAS_EXPIRED'];
const brokenCodes = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET'];

/** What the S3 client or its connection threw, as a Failure. */
export function s3Failure(error: unknown, place: string, name: string): Failure {
  if (error instanceof Failure) return error;
  const kind = nameOf(error);
  const status = statusOf(error);
  const said = `${kind}: ${messageOf(error)}`;
  if (kind === 'AbortError') return cancelled();
  if (kind === 'NoSuchBucket') return missing(place, 'The bucket', error);
  if (differsNames.includes(kind)) return differs(place, name);
  if (fullNames.includes(kind) || status === 507) return full(place, error);
  if (elsewhereNames.includes(kind) || /region is missing/i.test(said)) {
    return new Failure('LOCATION_INVALID', `${place} is in another region: ${said}`, 'Add its region to the location: s3://bucket/prefix?region=name.', error);
  }
  if (deniedNames.includes(kind) || status === 401 || status === 403) {
    const remedy = 'Check the keys (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile), and what they are allowed to do in the bucket.';
    return denied(place, said, remedy, error);
  }
  if (kind === 'NoSuchKey' || kind === 'NotFound' || status === 404) return missing(place, name, error);
  return connectionFailure(error, place, said);
}

function connectionFailure(error: unknown, place: string, said: string): Failure {
  const code = errorCode(error) ?? '';
  if (unreachableCodes.includes(code)) return unreachable(place, said, error);
  if (brokenCodes.includes(code) || nameOf(error) === 'TimeoutError' || /socket hang up|aborted|terminated/i.test(said)) return interrupted(place, error);
  return failed(place, said, error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

function statusOf(error: unknown): number | undefined {
  const metadata: unknown = typeof error === 'object' && error !== null && '$metadata' in error ? error.$metadata : undefined;
  const status: unknown = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

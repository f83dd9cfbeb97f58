import type { Health } from '../../../src/health/model';
import { readThresholds } from '../../../src/health/thresholds';
import { serviceOf, type OpenApp } from './app';

export interface Asked {
  readonly limits?: unknown;
  readonly urls?: Readonly<Record<string, string>>;
  /** Where backups lie. */
  readonly folder?: string;
  readonly patience?: number;
}

/** How a service is, by what the app knows of it. */
export async function healthOf(
  app: OpenApp,
  place: { readonly project: string; readonly service: string },
  { limits = {}, urls = {}, folder, patience }: Asked = {},
): Promise<Health> {
  const { project, service } = serviceOf(app, place);
  const options = { thresholds: readThresholds(limits), urls, ...(folder === undefined ? {} : { folder }), ...(patience === undefined ? {} : { patience }) };
  return app.healths.of(project, service, options, new AbortController().signal);
}

/** The codes of its reasons, gravest first. */
export async function codesOf(...asked: Parameters<typeof healthOf>): Promise<readonly string[]> {
  return (await healthOf(...asked)).reasons.map(({ code }) => code);
}

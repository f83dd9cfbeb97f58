import { flavourOfImage, readImageName } from '../../inventory/imageName';

/** Where an image keeps data when nobody says otherwise. */
export interface ImageLayout {
  readonly dataDirectory: string;
  /** What its Dockerfile declares as VOLUME: without a mount there, the engine makes an anonymous one. */
  readonly volumes: readonly string[];
}

/** Postgres images up to 17. */
const classic: ImageLayout = { dataDirectory: '/var/lib/postgresql/data', volumes: ['/var/lib/postgresql/data'] };

/** https://github.com/docker-library/postgres/pull/1259: a folder for each major, and the volume one level up. */
function fromEighteen(major: number): ImageLayout {
  return { dataDirectory: `/var/lib/postgresql/${major}/docker`, volumes: ['/var/lib/postgresql'] };
}

/** The major that a tag without one stands for at present. */
const newestMajor = 18;

/** Images that are built upon the official one, besides those whose flavour says so. */
const derived = /^(?:citusdata\/citus|paradedb\/paradedb|pgautoupgrade\/pgautoupgrade|apache\/age|debezium\/postgres)$/;

/**
 * The layouts that an image of this name may have: none when the image is not known, two when its tag may stand for a
 * major before 18 or one from 18 on.
 */
export function layoutsOf(image: string): readonly ImageLayout[] {
  const { repository, tag } = readImageName(image);
  const flavour = flavourOfImage(image);
  if (/timescaledb(?:-docker)?-ha$/.test(repository)) return [{ dataDirectory: '/home/postgres/pgdata/data', volumes: [] }];
  if (flavour === 'bitnami') return [{ dataDirectory: '/bitnami/postgresql/data', volumes: ['/bitnami/postgresql'] }];
  if (flavour === 'redhat') return [{ dataDirectory: '/var/lib/pgsql/data/userdata', volumes: [] }];
  if (flavour === 'spilo') return [{ dataDirectory: '/home/postgres/pgdata/pgroot/data', volumes: [] }];
  if (flavour === 'supabase') return [classic];
  const isDerived = flavour === 'official' || flavour === 'postgis' || flavour === 'pgvector' || flavour === 'timescale' || derived.test(repository);
  if (!isDerived) return [];
  const major = majorIn(tag ?? '');
  if (major !== undefined) return [major >= 18 ? fromEighteen(major) : classic];
  return [classic, fromEighteen(newestMajor)];
}

/** `17`, `17.2-alpine`, `pg17`, `latest-pg16`, `17-3.5`, `18beta1`; not `2.17.2`, which counts something else. */
function majorIn(tag: string): number | undefined {
  const found = /(?:^|[-_.])pg[-_v]?(\d{1,2})(?!\d)/.exec(tag)?.[1] ?? /^v?(\d{1,2})(?!\d)/.exec(tag)?.[1];
  const major = found === undefined ? undefined : Number(found);
  return major !== undefined && major >= 8 ? major : undefined;
}

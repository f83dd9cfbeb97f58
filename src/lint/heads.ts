import type { Revision } from './model';

/** A file and the revision in it. */
export interface RevisionFile {
  readonly file: string;
  readonly revision: Revision;
}

/** Each head, where a folder has several that nobody named as branches. */
export function headsOf(files: readonly RevisionFile[]): readonly (RevisionFile & { readonly others: readonly Revision[] })[] {
  const byId = new Map(files.map(({ revision }) => [revision.id, revision]));
  const continued = new Set(files.flatMap(({ revision }) => [...revision.parents, ...revision.dependsOn]));
  const isUsed = ({ id }: Revision): boolean => continued.has(id) || [...continued].some((parent) => parent.length >= 4 && id.startsWith(parent));
  const heads = files.filter(({ revision }) => !isUsed(revision));
  if (heads.length < 2) return [];
  const branches = heads.map(({ revision }) => branchOf(revision, byId));
  // Branches with labels of their own are kept apart by intention.
  if (branches.every((branch) => branch !== undefined) && new Set(branches).size === branches.length) return [];
  return heads.map((head) => ({ ...head, others: heads.filter((each) => each !== head).map(({ revision }) => revision) }));
}

/** The label that a revision, or what it continues, bears. */
function branchOf(revision: Revision, byId: ReadonlyMap<string, Revision>): string | undefined {
  const seen = new Set<Revision>();
  for (let at: Revision | undefined = revision; at !== undefined && !seen.has(at); at = byId.get(at.parents[0] ?? '')) {
    if (at.labels[0] !== undefined) return at.labels[0];
    seen.add(at);
  }
  return undefined;
}

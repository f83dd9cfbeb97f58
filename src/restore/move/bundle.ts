import * as z from 'zod';

/** The short manifest in a folder that goes to another machine. */
export const bundleName = 'container-databases-export.json';

const plainName = z.string().regex(/^[^/\\]+$/, 'a name, not a path');

const bundleSchema = z.object({
  schemaVersion: z.literal(1),
  exportedAt: z.iso.datetime(),
  project: z.string(),
  service: z.string(),
  image: z.string(),
  serverVersion: z.string(),
  databases: z.array(z.object({ name: z.string(), file: plainName, sizeBytes: z.number() })).min(1),
});

/** What a folder for another machine holds. Each backup has its own manifest, checksum and roles beside it. */
export type Bundle = Readonly<z.infer<typeof bundleSchema>>;

export function writeBundle(bundle: Bundle): string {
  return `${JSON.stringify(bundle, undefined, 2)}\n`;
}

/** Throws zod's error for what is no such manifest, or one that names files elsewhere. */
export function readBundle(text: string): Bundle {
  return bundleSchema.parse(JSON.parse(text));
}

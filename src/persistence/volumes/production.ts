/** What may tell that something is no playground. */
export interface ProductionSigns {
  /** Of the project, its services and its Compose files. */
  readonly names: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

// As a word of a name: "shop-prod", "docker-compose.production.yaml"; not "product", nor "reproduce".
const wordInName = /(?:^|[^a-z0-9])(?:prod|production|prd|live)(?:$|[^a-z0-9])/i;
const variable = /^(?:(?:NODE|APP|RAILS|RACK|FLASK|DJANGO|GO|ASPNETCORE|DEPLOY|SYMFONY)_?ENV(?:IRONMENT)?|ENV|ENVIRONMENT|STAGE|DEPLOYMENT)$/i;
const value = /^(?:prod|production|prd|live)$/i;

/** Why something is taken for production, in a word; undefined when nothing says so. */
export function productionSign({ names, env }: ProductionSigns): string | undefined {
  const name = names.find((each) => wordInName.test(each));
  if (name !== undefined) return name;
  const found = Object.entries(env).find(([key, text]) => variable.test(key) && value.test(text));
  return found === undefined ? undefined : `${found[0]}=${found[1]}`;
}

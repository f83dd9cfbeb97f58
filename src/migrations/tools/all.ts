import type { MigrationTool, ToolId } from '../model';
import { alembic } from './alembic';
import { dbmate } from './dbmate';
import { django } from './django';
import { drizzle } from './drizzle';
import { ecto } from './ecto';
import { efCore } from './efCore';
import { flyway } from './flyway';
import { golangMigrate } from './golangMigrate';
import { goose } from './goose';
import { knex } from './knex';
import { nodePgMigrate } from './nodePgMigrate';
import { plainSql } from './plainSql';
import { prisma } from './prisma';
import { rails } from './rails';
import { sequelize } from './sequelize';
import { supabase } from './supabase';
import { typeorm } from './typeorm';

/** Every tool under its id: a missing one does not compile. */
export const tools: Readonly<Record<ToolId, MigrationTool>> = {
  alembic,
  django,
  rails,
  ecto,
  'ef-core': efCore,
  flyway,
  'golang-migrate': golangMigrate,
  goose,
  dbmate,
  supabase,
  prisma,
  drizzle,
  sequelize,
  knex,
  typeorm,
  'node-pg-migrate': nodePgMigrate,
  'plain-sql': plainSql,
};

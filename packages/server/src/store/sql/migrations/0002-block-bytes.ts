import { bytes, id, orNull, type TableBuilder, text } from "./table-builder.ts";

/** What is known of the bytes of blocks, their ids in the whole organization, and the bytes themselves for who wants them here. */
export async function blockBytes(tables: TableBuilder): Promise<void> {
  await tables.addColumn("block", "digest", orNull(bytes));
  await tables.index("block", { on: ["block_id"] });
  await tables.table(
    "block_data",
    { organization_id: text, realm_id: id, block_id: id, data: bytes },
    { unique: [["organization_id", "realm_id", "block_id"]], indexes: [{ on: ["organization_id", "_id"] }] },
  );
}

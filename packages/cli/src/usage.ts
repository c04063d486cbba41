import { ParsecError } from "@parsec/base";

/** The command line is not one that this program understands. */
export class UsageError extends ParsecError<"USAGE"> {
  override readonly name: string = "UsageError";
  constructor(what: string) {
    super("USAGE", `${what}: see parsec --help`);
  }
}

export const usage = `parsec: client operations of Parsec from a shell

Usage: parsec [--dir DIR] [--device ID] COMMAND

Commands:
  devices                                  the devices of this folder
  bootstrap LINK --email E --label NAME    create the organization of a bootstrap link; gives the device id
  workspaces                               the workspaces of the device
  create-workspace NAME                    gives the workspace id
  ls WORKSPACE [PATH]                      the entries of a folder
  import WORKSPACE PATH [TARGET]           store a local file or folder, then upload it
  export WORKSPACE PATH FILE               write the content of a file to a local one; - is the standard output

Options:
  --dir DIR       where devices and their data are; by default where the Parsec application keeps them
  --device ID     which device; may be left out when the folder holds one
  --device-label  name of a new device; by default "command line"
  -h, --help      this text

WORKSPACE is a name or an id. The password comes from the environment variable PARSEC_PASSWORD, else from the terminal.

Examples:
  parsec --dir ./alice bootstrap 'parsec3://…?a=bootstrap_organization&p=…' --email alice@example.com --label Alice
  parsec --dir ./alice create-workspace Docs
  parsec --dir ./alice import Docs ./reports /2026
`;

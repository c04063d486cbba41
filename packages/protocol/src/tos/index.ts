export { tosCommands } from "./commands.ts";
export { type TosAcceptReply, type TosAcceptRequest, tosAccept } from "./tos-accept.ts";
export { type TosGetReply, type TosGetRequest, tosGet } from "./tos-get.ts";

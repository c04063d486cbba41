import { memoryDriver } from "../../src/driver/memory/driver.ts";
import { strictDriver } from "../../src/driver/strict.ts";
import { driverContract } from "./contract.ts";

driverContract("memory", memoryDriver);
driverContract("strict memory", () => strictDriver());

// Begins a run that never ends on the database server at an address: for a test that kills the process.
import { connect } from "../../database/connect.ts";
import { startJobs } from "../start.ts";

const database = await connect(process.argv[2]);
const jobs = await startJobs(database, [{ name: "killed", run: () => new Promise<void>(() => {}) }]);
await jobs.request("killed");

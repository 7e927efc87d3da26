import { showCompanies } from './apps/show-companies.ts';
import { viewRows } from './apps/view-rows.ts';
import { viewStatus } from './apps/view-status.ts';
import { viewCancel, viewDomains, viewExport, viewMark, viewSession } from './apps/view-tools.ts';
import { cancelBulkJob } from './cancel-bulk-job.ts';
import { deleteJobData } from './delete-job-data.ts';
import { exportBulkResults } from './export-bulk-results.ts';
import { getBulkPage } from './get-bulk-page.ts';
import { getBulkStatus } from './get-bulk-status.ts';
import { getCreditBalance } from './get-credit-balance.ts';
import { getReviewBatch } from './get-review-batch.ts';
import { importKnownCompanies } from './import-known-companies.ts';
import { listBulkJobs } from './list-bulk-jobs.ts';
import { lookupCompanies } from './lookup-companies.ts';
import { markCompaniesTool } from './mark-companies.ts';
import type { ToolDefinition } from './parts/define-tool.ts';
import { queryCompanies } from './query-companies.ts';
import { submitLookalikesBulk } from './submit-lookalikes-bulk.ts';
import { waitAndCollect } from './wait-and-collect.ts';

/** Every tool, in the order in which a client lists them. */
export const TOOLS: readonly ToolDefinition[] = [
  submitLookalikesBulk,
  waitAndCollect,
  getBulkStatus,
  getBulkPage,
  cancelBulkJob,
  listBulkJobs,
  exportBulkResults,
  getCreditBalance,
  lookupCompanies,
  importKnownCompanies,
  markCompaniesTool,
  getReviewBatch,
  queryCompanies,
  deleteJobData,
  showCompanies,
  viewStatus,
  viewRows,
  viewMark,
  viewSession,
  viewDomains,
  viewExport,
  viewCancel,
];

/** How many of them, the first ones, there are where only those of the normal path are wanted. */
export const CORE_TOOLS = 8;

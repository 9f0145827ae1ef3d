-- table proceeding: what every procedure has in common: number, title, state, territory, parties, revision
CREATE TABLE proceeding (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  authority_id UUID NOT NULL, -- decision body whose lists are concerned
  path TEXT NOT NULL, -- territory concerned
  proposer_org_id UUID NOT NULL,
  created_by UUID,
  created_at TIMESTAMPTZ NOT NULL,
  submitted_at TIMESTAMPTZ,
  submitted_by UUID,
  closed_at TIMESTAMPTZ,
  chain_index INTEGER NOT NULL, -- next office of the review chain, 0 = the first above the authority
  return_count INTEGER NOT NULL,
  approver_org_id UUID,
  approver_level SMALLINT,
  revision INTEGER NOT NULL,
  UNIQUE (id, province_id),
  FOREIGN KEY (authority_id, province_id) REFERENCES org_unit (id, province_id),
  FOREIGN KEY (proposer_org_id, province_id) REFERENCES org_unit (id, province_id),
  FOREIGN KEY (approver_org_id, approver_level) REFERENCES org_unit (id, level),
  CHECK (approver_org_id IS NULL OR approver_org_id <> proposer_org_id),
  CHECK ((approver_org_id IS NULL) = (approver_level IS NULL)),
  -- Provincial rule: only the province approves a duty admission. Held here as well as by the state machine.
  CHECK (kind <> 'ADMISSION' OR state NOT IN ('APPROVED', 'INCORPORATED', 'LAPSED') OR (approver_level IS NOT NULL AND approver_level = 1)),
  -- Nobody approves what their own organisation submitted, and nothing counts as approved without an approver.
  CHECK (kind <> 'ADJUSTMENT' OR state NOT IN ('APPROVED', 'INCORPORATED', 'FILED') OR approver_org_id IS NOT NULL)
);
CREATE UNIQUE INDEX proceeding_number ON proceeding (province_id, number);
CREATE INDEX proceeding_scope ON proceeding (province_id, kind, path, id);
CREATE INDEX proceeding_state ON proceeding (province_id, kind, state, id);

-- table proceeding_party: organisations a proceeding names, beside its proposer
CREATE TABLE proceeding_party (
  proceeding_id UUID NOT NULL,
  org_unit_id UUID NOT NULL,
  province_id UUID NOT NULL,
  capacity TEXT NOT NULL,
  ordinal INTEGER NOT NULL, -- place in the review chain, for reviewers
  PRIMARY KEY (proceeding_id, org_unit_id, capacity, ordinal),
  FOREIGN KEY (proceeding_id, province_id) REFERENCES proceeding (id, province_id),
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX proceeding_party_org ON proceeding_party (org_unit_id, proceeding_id);

-- table queue_entry: what one organisation still has to do in one proceeding, with its clock
CREATE TABLE queue_entry (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  proceeding_id UUID NOT NULL,
  org_unit_id UUID NOT NULL,
  task TEXT NOT NULL,
  opened_at TIMESTAMPTZ NOT NULL,
  basis TEXT,
  amount INTEGER,
  starts_at TIMESTAMPTZ,
  due_at TIMESTAMPTZ,
  pauses JSONB,
  calendar_version TEXT,
  breached_at TIMESTAMPTZ,
  closed_at TIMESTAMPTZ,
  closed_by UUID,
  outcome TEXT,
  FOREIGN KEY (proceeding_id, province_id) REFERENCES proceeding (id, province_id),
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX queue_entry_open ON queue_entry (province_id, org_unit_id, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX queue_entry_due ON queue_entry (due_at) WHERE closed_at IS NULL AND breached_at IS NULL;
CREATE INDEX queue_entry_proceeding ON queue_entry (proceeding_id, opened_at, id);
CREATE UNIQUE INDEX queue_entry_once ON queue_entry (proceeding_id, org_unit_id, task) WHERE closed_at IS NULL;

-- table opinion: what an organisation said when it was heard, and how the proposer answered
CREATE TABLE opinion (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  proceeding_id UUID NOT NULL,
  org_unit_id UUID NOT NULL,
  stage TEXT NOT NULL,
  round INTEGER NOT NULL,
  stance TEXT NOT NULL,
  text TEXT NOT NULL,
  capacity TEXT,
  given_by UUID,
  given_at TIMESTAMPTZ NOT NULL,
  answer TEXT,
  answered_by UUID,
  answered_at TIMESTAMPTZ,
  FOREIGN KEY (proceeding_id, province_id) REFERENCES proceeding (id, province_id),
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX opinion_once ON opinion (proceeding_id, org_unit_id, stage, round);

-- table decision_record: a decision with its document
CREATE TABLE decision_record (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  proceeding_id UUID NOT NULL,
  stage TEXT NOT NULL,
  outcome TEXT NOT NULL,
  org_unit_id UUID NOT NULL, -- the office that entered it
  body TEXT NOT NULL,
  document_no TEXT NOT NULL,
  meeting TEXT,
  decided_on DATE NOT NULL,
  reason TEXT,
  entered_by UUID NOT NULL,
  entered_at TIMESTAMPTZ NOT NULL,
  FOREIGN KEY (proceeding_id, province_id) REFERENCES proceeding (id, province_id),
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX decision_record_proceeding ON decision_record (proceeding_id, entered_at, id);

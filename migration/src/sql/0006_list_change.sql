-- table law_change: a registered change of law, party rule or policy document
CREATE TABLE law_change (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  kind TEXT NOT NULL,
  instrument TEXT NOT NULL,
  instrument_key TEXT NOT NULL, -- normalised title
  articles JSONB NOT NULL,
  effective_on DATE NOT NULL,
  summary TEXT NOT NULL,
  org_unit_id UUID NOT NULL,
  path TEXT NOT NULL,
  registered_by UUID NOT NULL,
  registered_at TIMESTAMPTZ NOT NULL,
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX law_change_province ON law_change (province_id, id);

-- table law_watch: what one list authority has to do about one change of law; its procedure is the proceeding with the same id
CREATE TABLE law_watch (
  id UUID PRIMARY KEY REFERENCES proceeding (id),
  province_id UUID NOT NULL,
  law_change_id UUID NOT NULL REFERENCES law_change (id),
  affected_count INTEGER NOT NULL
);
CREATE INDEX law_watch_change ON law_watch (law_change_id);

-- table change_request: the grounds of an adjustment or admission request; its procedure is the proceeding with the same id
CREATE TABLE change_request (
  id UUID PRIMARY KEY REFERENCES proceeding (id),
  province_id UUID NOT NULL,
  route TEXT NOT NULL CHECK (route IN ('ADJUSTMENT', 'ADMISSION')),
  origin TEXT NOT NULL,
  burden TEXT NOT NULL,
  reason TEXT NOT NULL,
  grounds JSONB NOT NULL, -- origin document, law, signatures, necessity, resources: see the wing's rules
  law_change_id UUID REFERENCES law_change (id),
  rerouted_to UUID REFERENCES proceeding (id),
  "similar" JSONB NOT NULL, -- requests found alike when this one was submitted
  fingerprint TEXT NOT NULL -- the words compared for likeness
);
CREATE INDEX change_request_law ON change_request (law_change_id) WHERE law_change_id IS NOT NULL;

-- table request_change: one change a request asks for
CREATE TABLE request_change (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  request_id UUID NOT NULL REFERENCES change_request (id),
  ordinal INTEGER NOT NULL,
  direction TEXT NOT NULL,
  burden TEXT NOT NULL,
  content JSONB -- proposed item; null for a removal
);
CREATE INDEX request_change_request ON request_change (request_id, ordinal);

-- table request_target: where a change applies: a list, and there an item unless the change adds one
CREATE TABLE request_target (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  request_id UUID NOT NULL REFERENCES change_request (id),
  change_id UUID NOT NULL REFERENCES request_change (id),
  list_id UUID NOT NULL,
  item_id UUID REFERENCES duty_item (id),
  base_revision_id UUID REFERENCES item_revision (id), -- how the item read when the request was submitted
  derived_from JSONB NOT NULL,
  draft_version_id UUID REFERENCES list_version (id),
  incorporated_at TIMESTAMPTZ,
  FOREIGN KEY (list_id, province_id) REFERENCES duty_list (id, province_id)
);
CREATE INDEX request_target_request ON request_target (request_id, change_id);
CREATE INDEX request_target_list ON request_target (list_id, request_id);
CREATE INDEX request_target_version ON request_target (draft_version_id) WHERE draft_version_id IS NOT NULL;

-- table head_signature: a head's signature under a request that makes the township's own burden heavier
CREATE TABLE head_signature (
  request_id UUID NOT NULL REFERENCES change_request (id),
  role TEXT NOT NULL,
  province_id UUID NOT NULL,
  account_id UUID NOT NULL,
  content_digest TEXT NOT NULL,
  signed_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (request_id, role),
  UNIQUE (request_id, account_id)
);

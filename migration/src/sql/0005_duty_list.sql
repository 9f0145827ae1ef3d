-- table duty_domain: a province's catalogue of domain classes
CREATE TABLE duty_domain (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  name TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  retired_at TIMESTAMPTZ,
  revision INTEGER NOT NULL
);
CREATE UNIQUE INDEX duty_domain_name ON duty_domain (province_id, name) WHERE retired_at IS NULL;

-- table duty_list: the one list of one township
CREATE TABLE duty_list (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  division_id UUID NOT NULL REFERENCES division (id),
  org_unit_id UUID NOT NULL,
  path TEXT NOT NULL,
  township_name TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  UNIQUE (id, province_id),
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX duty_list_division ON duty_list (province_id, division_id);
CREATE INDEX duty_list_path ON duty_list (province_id, path, id);

-- table list_version: one edition of a list; its procedure is the proceeding with the same id
CREATE TABLE list_version (
  id UUID PRIMARY KEY REFERENCES proceeding (id),
  province_id UUID NOT NULL,
  list_id UUID NOT NULL,
  version_no INTEGER NOT NULL,
  edition TEXT NOT NULL, -- FIRST or INCORPORATION
  base_version_id UUID REFERENCES list_version (id),
  effective_from TIMESTAMPTZ,
  effective_to TIMESTAMPTZ,
  published_at TIMESTAMPTZ, -- when the version became known
  superseded_at TIMESTAMPTZ, -- when it became known that effective_to ends it
  content_hash TEXT,
  basic_count INTEGER NOT NULL,
  cooperative_count INTEGER NOT NULL,
  reclaimed_count INTEGER NOT NULL,
  notes TEXT NOT NULL,
  FOREIGN KEY (list_id, province_id) REFERENCES duty_list (id, province_id),
  CHECK (published_at IS NULL OR effective_from >= published_at),
  CHECK (effective_to IS NULL OR effective_to > effective_from),
  CHECK ((effective_to IS NULL) = (superseded_at IS NULL))
);
CREATE UNIQUE INDEX list_version_no ON list_version (list_id, version_no);
CREATE UNIQUE INDEX list_version_effective ON list_version (list_id, effective_from) WHERE effective_from IS NOT NULL;
-- At most one published version is open-ended, so in-force periods cannot overlap.
CREATE UNIQUE INDEX list_version_last ON list_version (list_id) WHERE published_at IS NOT NULL AND effective_to IS NULL;
CREATE INDEX list_version_list ON list_version (list_id, effective_from);

-- table duty_item: the stable identity of an item in one township's list
CREATE TABLE duty_item (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  list_id UUID NOT NULL,
  code TEXT NOT NULL, -- short number people use, unique in the list
  template_id UUID,
  created_at TIMESTAMPTZ NOT NULL,
  UNIQUE (id, province_id),
  FOREIGN KEY (list_id, province_id) REFERENCES duty_list (id, province_id)
);
CREATE UNIQUE INDEX duty_item_code ON duty_item (list_id, code);
CREATE INDEX duty_item_template ON duty_item (template_id) WHERE template_id IS NOT NULL;

-- table item_lineage: which items an item came from
CREATE TABLE item_lineage (
  item_id UUID NOT NULL REFERENCES duty_item (id),
  from_item_id UUID NOT NULL REFERENCES duty_item (id),
  PRIMARY KEY (item_id, from_item_id)
);
CREATE INDEX item_lineage_back ON item_lineage (from_item_id);

-- table wording: the texts of an item, stored once per province however many townships share them
CREATE TABLE wording (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  superior_clauses JSONB NOT NULL,
  township_clauses JSONB NOT NULL,
  method TEXT,
  bases JSONB NOT NULL,
  tags JSONB NOT NULL,
  UNIQUE (id, province_id)
);
CREATE UNIQUE INDEX wording_hash ON wording (province_id, hash);

-- table wording_instrument: which wordings rest on which legal instrument, for the watch on changes of law
CREATE TABLE wording_instrument (
  wording_id UUID NOT NULL REFERENCES wording (id),
  instrument TEXT NOT NULL, -- normalised title
  PRIMARY KEY (wording_id, instrument)
);
CREATE INDEX wording_instrument_title ON wording_instrument (instrument, wording_id);

-- only: sqlite
CREATE TABLE wording_search (
  rowid INTEGER PRIMARY KEY,
  wording_id uuid_text NOT NULL UNIQUE REFERENCES wording (id)
);
CREATE VIRTUAL TABLE wording_fts USING fts5 (grams, content = '', detail = none);
-- end
-- only: postgres
CREATE TABLE wording_search (
  wording_id UUID PRIMARY KEY REFERENCES wording (id),
  grams tsvector NOT NULL
);
CREATE INDEX wording_search_grams ON wording_search USING gin (grams);
-- end

-- table item_revision: an item as it reads in one or more consecutive versions
CREATE TABLE item_revision (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  item_id UUID NOT NULL,
  list_id UUID NOT NULL,
  category TEXT NOT NULL CHECK (category IN ('BASIC', 'COOPERATIVE', 'RECLAIMED')),
  domain_id UUID NOT NULL REFERENCES duty_domain (id),
  wording_id UUID NOT NULL,
  ordinal INTEGER NOT NULL, -- number in its category
  penalty_power BOOLEAN NOT NULL,
  reclaim_method TEXT,
  source TEXT NOT NULL,
  introduced_version_id UUID NOT NULL REFERENCES list_version (id),
  introduced_no INTEGER NOT NULL,
  retired_version_id UUID REFERENCES list_version (id),
  retired_no INTEGER,
  effective_from TIMESTAMPTZ, -- null while its version is not published
  effective_to TIMESTAMPTZ,
  recorded_from TIMESTAMPTZ,
  recorded_to TIMESTAMPTZ,
  FOREIGN KEY (item_id, province_id) REFERENCES duty_item (id, province_id),
  FOREIGN KEY (list_id, province_id) REFERENCES duty_list (id, province_id),
  FOREIGN KEY (wording_id, province_id) REFERENCES wording (id, province_id),
  CHECK ((category = 'RECLAIMED') = (reclaim_method IS NOT NULL)),
  CHECK ((effective_from IS NULL) = (recorded_from IS NULL)),
  CHECK ((retired_no IS NULL) = (effective_to IS NULL) AND (retired_no IS NULL) = (recorded_to IS NULL) AND (retired_no IS NULL) = (retired_version_id IS NULL))
);
-- One wording of an item at a time.
CREATE UNIQUE INDEX item_revision_current ON item_revision (item_id) WHERE effective_from IS NOT NULL AND retired_no IS NULL;
CREATE UNIQUE INDEX item_revision_in_version ON item_revision (item_id, introduced_no);
CREATE INDEX item_revision_list ON item_revision (list_id, category, ordinal, id);
CREATE INDEX item_revision_wording ON item_revision (wording_id, list_id);
CREATE INDEX item_revision_introduced ON item_revision (introduced_version_id);
CREATE INDEX item_revision_item ON item_revision (item_id, introduced_no);

-- table item_department: the organisations an item names: lead, co-lead, guide, taking over
CREATE TABLE item_department (
  revision_id UUID NOT NULL REFERENCES item_revision (id),
  org_unit_id UUID NOT NULL,
  province_id UUID NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('LEAD', 'CO_LEAD', 'GUIDE', 'TAKEOVER')),
  ordinal INTEGER NOT NULL,
  PRIMARY KEY (revision_id, org_unit_id, role),
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX item_department_one_lead ON item_department (revision_id) WHERE role = 'LEAD';
CREATE INDEX item_department_org ON item_department (org_unit_id, revision_id, role);

-- table version_change: what an incorporating version changes and the approved request that allows it
CREATE TABLE version_change (
  version_id UUID NOT NULL REFERENCES list_version (id),
  item_id UUID NOT NULL REFERENCES duty_item (id),
  province_id UUID NOT NULL,
  old_revision_id UUID REFERENCES item_revision (id),
  new_revision_id UUID REFERENCES item_revision (id),
  request_id UUID NOT NULL REFERENCES proceeding (id),
  PRIMARY KEY (version_id, item_id)
);
CREATE INDEX version_change_request ON version_change (request_id);

-- table similarity_answer: a reviewer's answer to a warning that two items of a version look alike
CREATE TABLE similarity_answer (
  version_id UUID NOT NULL REFERENCES list_version (id),
  first_item_id UUID NOT NULL REFERENCES duty_item (id),
  second_item_id UUID NOT NULL REFERENCES duty_item (id),
  province_id UUID NOT NULL,
  answer TEXT NOT NULL,
  answered_by UUID NOT NULL,
  answered_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (version_id, first_item_id, second_item_id)
);

-- table item_template: a county's model item that townships adopt and may override
CREATE TABLE item_template (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  authority_id UUID NOT NULL,
  code TEXT NOT NULL,
  content JSONB NOT NULL,
  retired_at TIMESTAMPTZ,
  revision INTEGER NOT NULL,
  FOREIGN KEY (authority_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX item_template_code ON item_template (authority_id, code);

-- table item_allocation: which internal office of the township handles an item
CREATE TABLE item_allocation (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  item_id UUID NOT NULL,
  office_id UUID NOT NULL REFERENCES internal_office (id),
  role TEXT NOT NULL CHECK (role IN ('LEAD', 'ASSIST')),
  from_at TIMESTAMPTZ NOT NULL,
  to_at TIMESTAMPTZ,
  FOREIGN KEY (item_id, province_id) REFERENCES duty_item (id, province_id)
);
CREATE UNIQUE INDEX item_allocation_lead ON item_allocation (item_id) WHERE role = 'LEAD' AND to_at IS NULL;
CREATE UNIQUE INDEX item_allocation_once ON item_allocation (item_id, office_id) WHERE to_at IS NULL;
CREATE INDEX item_allocation_office ON item_allocation (office_id, item_id);

-- A wording is content-addressed and a published revision is history: neither may be rewritten.
-- only: postgres
CREATE TRIGGER wording_immutable BEFORE UPDATE OR DELETE ON wording FOR EACH ROW EXECUTE FUNCTION yidan_append_only();
CREATE FUNCTION yidan_published_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.effective_from IS NOT NULL THEN
    IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a published revision cannot be deleted'; END IF;
    IF (NEW.item_id, NEW.list_id, NEW.category, NEW.domain_id, NEW.wording_id, NEW.penalty_power, NEW.introduced_no, NEW.effective_from, NEW.recorded_from)
       IS DISTINCT FROM (OLD.item_id, OLD.list_id, OLD.category, OLD.domain_id, OLD.wording_id, OLD.penalty_power, OLD.introduced_no, OLD.effective_from, OLD.recorded_from)
       OR (OLD.retired_no IS NOT NULL AND NEW.retired_no IS DISTINCT FROM OLD.retired_no) THEN
      RAISE EXCEPTION 'a published revision cannot be rewritten';
    END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER item_revision_published BEFORE UPDATE OR DELETE ON item_revision FOR EACH ROW EXECUTE FUNCTION yidan_published_revision();
-- end
-- only: sqlite
CREATE TRIGGER wording_no_update BEFORE UPDATE ON wording BEGIN SELECT RAISE(ABORT, 'wording is immutable'); END;
CREATE TRIGGER wording_no_delete BEFORE DELETE ON wording BEGIN SELECT RAISE(ABORT, 'wording is immutable'); END;
CREATE TRIGGER item_revision_no_rewrite BEFORE UPDATE ON item_revision
WHEN OLD.effective_from IS NOT NULL AND (
  NEW.item_id IS NOT OLD.item_id OR NEW.list_id IS NOT OLD.list_id OR NEW.category IS NOT OLD.category
  OR NEW.domain_id IS NOT OLD.domain_id OR NEW.wording_id IS NOT OLD.wording_id OR NEW.penalty_power IS NOT OLD.penalty_power
  OR NEW.introduced_no IS NOT OLD.introduced_no OR NEW.effective_from IS NOT OLD.effective_from
  OR NEW.recorded_from IS NOT OLD.recorded_from OR (OLD.retired_no IS NOT NULL AND NEW.retired_no IS NOT OLD.retired_no))
BEGIN SELECT RAISE(ABORT, 'a published revision cannot be rewritten'); END;
CREATE TRIGGER item_revision_no_delete BEFORE DELETE ON item_revision WHEN OLD.effective_from IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published revision cannot be deleted'); END;
-- end

-- One of each office per body: of the kinds of which a body has one, no second one exists at the same time in the same
-- division, at the same level, below the same committee or line. Two indexes, for neither database takes two missing
-- parents for the same. The kinds are those of `rules::one_per_body`.
CREATE UNIQUE INDEX org_unit_one ON org_unit (province_id, division_id, kind, level)
  WHERE valid_to IS NULL AND parent_id IS NULL AND kind IN ('COMMITTEE_GOVERNMENT', 'ESTABLISHMENT_OFFICE', 'TOWNSHIP',
    'JUSTICE', 'FINANCE', 'ASSESSMENT_OFFICE', 'BURDEN_OFFICE', 'DISCIPLINE_COMMISSION');
CREATE UNIQUE INDEX org_unit_one_below ON org_unit (province_id, division_id, kind, level, parent_id)
  WHERE valid_to IS NULL AND parent_id IS NOT NULL AND kind IN ('COMMITTEE_GOVERNMENT', 'ESTABLISHMENT_OFFICE', 'TOWNSHIP',
    'JUSTICE', 'FINANCE', 'ASSESSMENT_OFFICE', 'BURDEN_OFFICE', 'DISCIPLINE_COMMISSION');

//! How much a document may ask: judged on the parsed document, each fragment once however often it is spread, before
//! the framework looks at it. A doubled chain of fragments that would hold a worker for seconds is refused in
//! microseconds.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

/// The limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Characters of a document.
    pub document_bytes: usize,
    /// Fields after all fragments are spread out.
    pub fields: u64,
    /// Aliases after all fragments are spread out.
    pub aliases: u64,
    /// Depth after all fragments are spread out.
    pub depth: u64,
    /// Root fields of a mutation, so that one request cannot try a hundred passwords.
    pub mutations: u64,
    /// Directives on one place.
    pub directives: usize,
    /// Fields of the answer if every page is full.
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 64 * 1024,
            fields: 1_000,
            aliases: 30,
            depth: 15,
            mutations: 5,
            directives: 5,
            cost: 50_000,
        }
    }
}

/// What a selection comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Fields.
    pub fields: u64,
    /// Aliases.
    pub aliases: u64,
    /// Depth.
    pub depth: u64,
    /// Fields of the outermost level.
    pub roots: u64,
}

/// Which limit a document passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Characters.
    Document,
    /// Fields.
    Fields,
    /// Aliases.
    Aliases,
    /// Depth.
    Depth,
    /// Root fields of a mutation.
    Mutations,
    /// Directives on one place.
    Directives,
    /// Fragments that spread themselves.
    Cycle,
    /// Fields of the answer.
    Cost(u64),
    /// Fields about the schema.
    Schema(u64),
}

impl Excess {
    /// What to tell the caller.
    #[must_use]
    pub fn message(self, limits: &Limits) -> String {
        match self {
            Self::Document => format!("The document is too long: at most {} bytes.", limits.document_bytes),
            Self::Fields => format!(
                "The document asks for too many fields: at most {} after fragments are spread out.",
                limits.fields
            ),
            Self::Aliases => format!("The document has too many aliases: at most {}.", limits.aliases),
            Self::Depth => format!("The document is nested too deep: at most {} levels.", limits.depth),
            Self::Mutations => format!("Too many mutations in one request: at most {}.", limits.mutations),
            Self::Directives => format!("Too many directives in one place: at most {}.", limits.directives),
            Self::Cycle => "A fragment spreads itself.".to_owned(),
            Self::Schema(requested) => {
                format!(
                    "The question about the schema may come to {requested} fields: at most {}.",
                    super::cost::SCHEMA
                )
            }
            Self::Cost(requested) => format!(
                "The answer may come to {requested} fields: at most {}. Ask for smaller pages (`first`) or for less in each row.",
                limits.cost
            ),
        }
    }
}

struct Walker<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    known: HashMap<&'a str, Extent>,
    open: HashSet<&'a str>,
    directives: usize,
}

impl<'a> Walker<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Extent, Excess> {
        let mut total = Extent::default();
        for selection in &set.items {
            let directives = match &selection.node {
                Selection::Field(field) => &field.node.directives,
                Selection::FragmentSpread(spread) => &spread.node.directives,
                Selection::InlineFragment(fragment) => &fragment.node.directives,
            };
            if directives.len() > self.directives {
                return Err(Excess::Directives);
            }
            let part = match &selection.node {
                Selection::Field(field) => {
                    let below = self.set(&field.node.selection_set.node)?;
                    Extent {
                        fields: below.fields.saturating_add(1),
                        aliases: below.aliases.saturating_add(field.node.alias.is_some().into()),
                        depth: below.depth.saturating_add(1),
                        roots: 1,
                    }
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            total = Extent {
                fields: total.fields.saturating_add(part.fields),
                aliases: total.aliases.saturating_add(part.aliases),
                depth: total.depth.max(part.depth),
                roots: total.roots.saturating_add(part.roots),
            };
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &str) -> Result<Extent, Excess> {
        // An unknown fragment is a matter of validation, which says so better.
        let Some((name, definition)) = self.fragments.get_key_value(name) else { return Ok(Extent::default()) };
        if let Some(known) = self.known.get(name.as_str()) {
            return Ok(*known);
        }
        if !self.open.insert(name) {
            return Err(Excess::Cycle);
        }
        let extent = self.set(&definition.node.selection_set.node)?;
        self.open.remove(name.as_str());
        self.known.insert(name, extent);
        Ok(extent)
    }
}

/// Whether every operation of a document is within the limits, or the limit it passes.
pub fn judge(document: &ExecutableDocument, limits: &Limits) -> Result<(), Excess> {
    let mut walker = Walker {
        fragments: &document.fragments,
        known: HashMap::new(),
        open: HashSet::new(),
        directives: limits.directives,
    };
    for (_, operation) in document.operations.iter() {
        let extent = walker.set(&operation.node.selection_set.node)?;
        if extent.fields > limits.fields {
            return Err(Excess::Fields);
        }
        if extent.aliases > limits.aliases {
            return Err(Excess::Aliases);
        }
        if extent.depth > limits.depth {
            return Err(Excess::Depth);
        }
        if operation.node.ty == async_graphql::parser::types::OperationType::Mutation && extent.roots > limits.mutations
        {
            return Err(Excess::Mutations);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;

    use super::*;

    fn judged(text: &str) -> Result<(), Excess> {
        judge(&parse_query(text).unwrap(), &Limits::default())
    }

    #[test]
    fn doubled_fragments_are_counted_spread_out_without_being_spread() {
        let mut text = String::from("{ ...f0 }");
        for index in 0..60 {
            let next = index + 1;
            let _ = write!(text, " fragment f{index} on Query {{ ...f{next} ...f{next} }}");
        }
        text += " fragment f60 on Query { a }";
        assert_eq!(judged(&text), Err(Excess::Fields));
    }

    #[test]
    fn each_limit_has_its_name() {
        assert_eq!(judged("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"), Err(Excess::Cycle));
        assert_eq!(judged(&format!("{{ {} }}", "x: a ".repeat(31))), Err(Excess::Aliases));
        assert_eq!(judged(&format!("{} a {}", "{ a ".repeat(16), "}".repeat(16))), Err(Excess::Depth));
        assert_eq!(judged(&format!("mutation {{ {} }}", "a ".repeat(6))), Err(Excess::Mutations));
        assert_eq!(judged("{ a @x @x @x @x @x @x }"), Err(Excess::Directives));
        assert_eq!(judged("{ a { b } ...{ c } }"), Ok(()));
    }

    #[test]
    fn an_extent_counts_what_is_spread_out() {
        let document = parse_query("{ a { b } x: a ...f } fragment f on Query { c }").unwrap();
        let mut walker =
            Walker { fragments: &document.fragments, known: HashMap::new(), open: HashSet::new(), directives: 5 };
        let (_, operation) = document.operations.iter().next().unwrap();
        let extent = walker.set(&operation.node.selection_set.node);
        assert_eq!(extent, Ok(Extent { fields: 4, aliases: 1, depth: 2, roots: 3 }));
    }
}

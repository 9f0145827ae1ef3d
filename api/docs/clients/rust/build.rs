//! Tells cynic the schema. In a repository of your own: from `yidan schema`, or from a server's `/schema.graphql`.

fn main() {
    let schema = cynic_codegen::register_schema("yidan").from_sdl_file("../../../../schema.graphql");
    schema.expect("the schema of Yidan").as_default().expect("the only schema");
}

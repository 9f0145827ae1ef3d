fn main() {
    let schema = cynic_codegen::register_schema("yidan").from_sdl_file("../../../schema.graphql");
    schema.expect("the schema").as_default().expect("the only schema");
}

//! The binary `yidan`; everything it does stands in the library.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    match yidan::cli::main().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yidan: {error}");
            ExitCode::FAILURE
        }
    }
}

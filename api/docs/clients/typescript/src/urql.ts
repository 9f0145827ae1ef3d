// What this program uses of urql, in one place.
export { Client, CombinedError, fetchExchange, subscriptionExchange } from "@urql/core";
export { authExchange } from "@urql/exchange-auth";
export type { ResultOf } from "@graphql-typed-document-node/core";

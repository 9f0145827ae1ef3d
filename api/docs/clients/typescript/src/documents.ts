// Everything this program asks. codegen makes a type for each.
import { graphql } from "./generated/index.js";

export const Login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      tokens { accessToken accessTokenExpiresAt refreshToken mustChangePassword }
      userErrors { code message }
    }
  }
`);

export const Refresh = graphql(`
  mutation Refresh($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      tokens { accessToken accessTokenExpiresAt refreshToken mustChangePassword }
      userErrors { code message }
    }
  }
`);

export const Obligations = graphql(`
  query Obligations($first: Int!, $after: String) {
    obligations(first: $first, after: $after, orderBy: TOWNSHIP) {
      totalCount
      nodes { role township { name } item { code name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const Draft = graphql(`
  mutation Draft($input: CreateAdjustmentInput!) {
    createAdjustment(input: $input) {
      adjustment { id number }
      userErrors { __typename code message path ... on RouteMismatchError { correctRoute } }
    }
  }
`);

export const Waiting = graphql(`
  query Waiting {
    adjustments(states: [SUBMITTED], first: 1) { nodes { id number revision } }
  }
`);

export const Receive = graphql(`
  mutation Receive($input: ReceiveAdjustmentInput!) {
    receiveAdjustment(input: $input) {
      adjustment { number state }
      userErrors { code message }
    }
  }
`);

export const QueueChanges = graphql(`
  subscription QueueChanges($after: String) {
    queueChanges(after: $after) { cursor kind entry { task proceeding { number } } }
  }
`);

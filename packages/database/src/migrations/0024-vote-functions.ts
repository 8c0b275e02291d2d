export default /* sql */ `-- A vote is one statement: what is asked of the database costs less than asking it. The formula is that of the ranking's page.
-- An instant in half-lives of a vote, which are 48 hours, since the beginning of 2025.
create function vote_exponent(instant timestamptz) returns float8 language sql immutable as $$
  select extract(epoch from instant - timestamptz '2025-01-01T00:00:00Z')::float8 / 172800
$$;
--> statement-breakpoint
-- log2(2^a + 2^b). Postgres refuses powers that are too small for a number: beside the greater one they are nothing.
create function log_add_exp2(a float8, b float8) returns float8 language sql immutable strict as $$
  select greatest(a, b) + ln(1 + power(2::float8, greatest(least(a, b) - greatest(a, b), -1000))) / ln(2::float8)
$$;
--> statement-breakpoint
-- Whether the votes of an account count in the ranking: its address is confirmed, it is not suspended and old enough.
create function vote_weight(account users, made_until timestamptz) returns real language sql immutable as $$
  select case when account.confirmed_at is not null and account.suspended_at is null
    and account.created_at <= made_until then 1 else 0 end::real
$$;
--> statement-breakpoint
-- Stores the count and the score of a paper, which must be locked, as its votes have them; returns the count.
create function recount_votes(paper bigint) returns integer language plpgsql as $$
declare
  total integer;
begin
  with terms as (
    select vote_exponent(featured_at) as exponent from papers where id = paper
    union all
    select vote_exponent(voted_at) + ln(weight::float8) / ln(2::float8) from votes
    where paper_id = paper and weight > 0
  ), largest as (
    select max(exponent) as exponent from terms
  )
  update papers set
    votes_count = (select count(*) from votes where paper_id = paper),
    hot = case when featured_at is not null then (
      select max(largest.exponent)
        + ln(sum(power(2::float8, greatest(terms.exponent - largest.exponent, -1000)))) / ln(2::float8)
      from terms, largest
    ) end
  where id = paper returning votes_count into total;
  return total;
end $$;
--> statement-breakpoint
-- Casts a vote; of an account made after made_until it weighs nothing. Returns the paper's votes and, for such a new
-- vote, how many like it the hour up to it has; no row when there is no such paper to be seen.
create function cast_vote(paper bigint, voter uuid, cast_at timestamptz, made_until timestamptz)
returns table (total integer, weightless integer) language plpgsql as $$
declare
  own real;
begin
  -- All changes of one paper queue here.
  select votes_count into total from papers where id = paper and not hidden for update;
  if not found then return; end if;
  select vote_weight(users, made_until) into own from users where id = voter;
  insert into votes (paper_id, user_id, voted_at, weight) values (paper, voter, cast_at, own) on conflict do nothing;
  if found then
    update papers set votes_count = votes_count + 1,
      hot = case when own > 0 then log_add_exp2(hot, vote_exponent(cast_at) + ln(own::float8) / ln(2::float8)) else hot end
    where id = paper returning votes_count into total;
    if own = 0 then
      select count(*) into weightless from votes
      where paper_id = paper and weight = 0 and voted_at > cast_at - interval '1 hour';
    end if;
  end if;
  return next;
end $$;
--> statement-breakpoint
-- Withdraws a vote, if there is one. Returns the paper's votes; no row when there is no such paper to be seen. The score
-- is computed anew: a difference of powers would lose digits.
create function withdraw_vote(paper bigint, voter uuid) returns table (total integer) language plpgsql as $$
begin
  select votes_count into total from papers where id = paper and not hidden for update;
  if not found then return; end if;
  delete from votes where paper_id = paper and user_id = voter;
  if found then total := recount_votes(paper); end if;
  return next;
end $$;
`;

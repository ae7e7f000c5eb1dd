@echo off
rem Maven on the JDK that this project is built with: mvnw verify runs the tests and the checks.
rem Finds both where they usually are; downloads neither.
setlocal enabledelayedexpansion
set "JDK="
call :take "%JAVA_HOME%"
for /f "delims=" %%J in ('where java 2^>nul') do for %%B in ("%%~dpJ..") do call :take "%%~fB"
for %%R in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Zulu" "%ProgramFiles%\Microsoft" "%USERPROFILE%\.jdks") do (
  if exist "%%~R" for /d %%D in ("%%~R\*") do call :take "%%~fD"
)
if not defined JDK (
  echo griffinfly: no JDK 25 found ^(JAVA_HOME is '%JAVA_HOME%'^): install one, for example Temurin 25 from https://adoptium.net, and set JAVA_HOME to it. 1>&2
  exit /b 6
)
set "JAVA_HOME=%JDK%"
where mvn >nul 2>nul
if errorlevel 1 (
  echo griffinfly: no Maven found: install 3.8.7 or later from https://maven.apache.org and put mvn on the PATH. 1>&2
  exit /b 6
)
call mvn %*
exit /b %ERRORLEVEL%

:take
if defined JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
findstr /r /c:"^JAVA_VERSION=.25[.+-]" /c:"^JAVA_VERSION=.25.$" "%~1\release" >nul 2>nul && set "JDK=%~1"
exit /b 0

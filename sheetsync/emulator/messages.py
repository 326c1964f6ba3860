"""The API's messages: name, then `field:type`; only what this emulator reads or answers.

Types are int, num, str, bool, any, an enum's values with |, or a message; `*` marks a list. Names and types
are those of the discovery document.
"""

from __future__ import annotations

TABLE = """
GridRange sheetId:int startRowIndex:int endRowIndex:int startColumnIndex:int endColumnIndex:int
GridCoordinate sheetId:int rowIndex:int columnIndex:int
DimensionRange sheetId:int dimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS startIndex:int endIndex:int
Color red:num green:num blue:num alpha:num
ColorStyle rgbColor:Color themeColor:str
ErrorValue type:str message:str
ExtendedValue numberValue:num stringValue:str boolValue:bool formulaValue:str errorValue:ErrorValue
NumberFormat type:str pattern:str
Link uri:str
TextFormat foregroundColor:Color foregroundColorStyle:ColorStyle fontFamily:str fontSize:int bold:bool \
italic:bool strikethrough:bool underline:bool link:Link
CellFormat numberFormat:NumberFormat backgroundColor:Color backgroundColorStyle:ColorStyle borders:any \
padding:any horizontalAlignment:str verticalAlignment:str wrapStrategy:str textDirection:str \
textFormat:TextFormat hyperlinkDisplayType:str textRotation:any
CellData userEnteredValue:ExtendedValue effectiveValue:ExtendedValue formattedValue:str \
userEnteredFormat:CellFormat effectiveFormat:CellFormat hyperlink:str note:str textFormatRuns:any \
dataValidation:any pivotTable:any dataSourceTable:any dataSourceFormula:any chipRuns:any
RowData values:CellData*
GridProperties rowCount:int columnCount:int frozenRowCount:int frozenColumnCount:int hideGridlines:bool \
rowGroupControlAfter:bool columnGroupControlAfter:bool
SheetProperties sheetId:int title:str index:int sheetType:SHEET_TYPE_UNSPECIFIED|GRID|OBJECT|DATA_SOURCE \
gridProperties:GridProperties hidden:bool tabColor:Color tabColorStyle:ColorStyle rightToLeft:bool \
dataSourceSheetProperties:any
SpreadsheetProperties title:str locale:str autoRecalc:str timeZone:str defaultFormat:CellFormat \
iterativeCalculationSettings:any spreadsheetTheme:any importFunctionsExternalUrlAccessAllowed:bool
DeveloperMetadataLocation locationType:str spreadsheet:bool sheetId:int dimensionRange:DimensionRange
DeveloperMetadata metadataId:int metadataKey:str metadataValue:str location:DeveloperMetadataLocation \
visibility:DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED|DOCUMENT|PROJECT
DeveloperMetadataLookup \
locationType:DEVELOPER_METADATA_LOCATION_TYPE_UNSPECIFIED|ROW|COLUMN|SHEET|SPREADSHEET \
metadataLocation:DeveloperMetadataLocation \
locationMatchingStrategy:DEVELOPER_METADATA_LOCATION_MATCHING_STRATEGY_UNSPECIFIED|EXACT_LOCATION|\
INTERSECTING_LOCATION metadataId:int metadataKey:str metadataValue:str visibility:str
DataFilter developerMetadataLookup:DeveloperMetadataLookup a1Range:str gridRange:GridRange
DimensionProperties hiddenByFilter:bool hiddenByUser:bool pixelSize:int developerMetadata:DeveloperMetadata* \
dataSourceColumnReference:any
SortSpec dimensionIndex:int sortOrder:SORT_ORDER_UNSPECIFIED|ASCENDING|DESCENDING foregroundColor:any \
backgroundColor:any foregroundColorStyle:any backgroundColorStyle:any dataSourceColumnReference:any
BasicFilter range:GridRange sortSpecs:SortSpec* criteria:any filterSpecs:any tableId:str
NamedRange namedRangeId:str name:str range:GridRange
Editors users:str* groups:str* domainUsersCanEdit:bool
ProtectedRange protectedRangeId:int range:GridRange namedRangeId:str description:str warningOnly:bool \
requestingUserCanEdit:bool unprotectedRanges:GridRange* editors:Editors tableId:str
GridData startRow:int startColumn:int rowData:RowData* rowMetadata:DimensionProperties* \
columnMetadata:DimensionProperties*
Sheet properties:SheetProperties data:GridData* merges:GridRange* conditionalFormats:any filterViews:any \
protectedRanges:ProtectedRange* basicFilter:BasicFilter charts:any bandedRanges:any \
developerMetadata:DeveloperMetadata* rowGroups:any columnGroups:any slicers:any tables:any commentAnchors:any
Spreadsheet spreadsheetId:str properties:SpreadsheetProperties sheets:Sheet* namedRanges:NamedRange* \
spreadsheetUrl:str developerMetadata:DeveloperMetadata* dataSources:any dataSourceSchedules:any comments:any \
commentsViewMode:str
updateSpreadsheetProperties properties:SpreadsheetProperties fields:str
addSheet properties:SheetProperties
deleteSheet sheetId:int
duplicateSheet sourceSheetId:int insertSheetIndex:int newSheetId:int newSheetName:str
updateSheetProperties properties:SheetProperties fields:str
updateCells rows:RowData* fields:str start:GridCoordinate range:GridRange
repeatCell range:GridRange cell:CellData fields:str
appendCells sheetId:int rows:RowData* fields:str tableId:str
insertDimension range:DimensionRange inheritFromBefore:bool
deleteDimension range:DimensionRange
moveDimension source:DimensionRange destinationIndex:int
appendDimension sheetId:int dimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS length:int
updateDimensionProperties range:DimensionRange dataSourceSheetRange:any properties:DimensionProperties \
fields:str
autoResizeDimensions dimensions:DimensionRange dataSourceSheetDimensions:any
sortRange range:GridRange sortSpecs:SortSpec*
createDeveloperMetadata developerMetadata:DeveloperMetadata
updateDeveloperMetadata dataFilters:DataFilter* developerMetadata:DeveloperMetadata fields:str
deleteDeveloperMetadata dataFilter:DataFilter
setBasicFilter filter:BasicFilter
clearBasicFilter sheetId:int
addNamedRange namedRange:NamedRange
updateNamedRange namedRange:NamedRange fields:str
deleteNamedRange namedRangeId:str
addProtectedRange protectedRange:ProtectedRange
deleteProtectedRange protectedRangeId:int
mergeCells range:GridRange mergeType:str
unmergeCells range:GridRange
copyPaste source:GridRange destination:GridRange pasteType:str pasteOrientation:str
findReplace find:str replacement:str matchCase:bool matchEntireCell:bool searchByRegex:bool \
includeFormulas:bool range:GridRange sheetId:int allSheets:bool
BatchUpdateSpreadsheetRequest requests:Request* includeSpreadsheetInResponse:bool responseRanges:str* \
responseIncludeGridData:bool commentsViewMode:str
BatchUpdateSpreadsheetResponse spreadsheetId:str replies:any \
updatedSpreadsheet:Spreadsheet commentUpdateState:any
ValueRange range:str majorDimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS values:rows
UpdateValuesResponse spreadsheetId:str updatedRange:str updatedRows:int updatedColumns:int updatedCells:int \
updatedData:ValueRange
AppendValuesResponse spreadsheetId:str tableRange:str updates:UpdateValuesResponse
BatchUpdateValuesRequest valueInputOption:str data:ValueRange* includeValuesInResponse:bool \
responseValueRenderOption:str responseDateTimeRenderOption:str
BatchUpdateValuesResponse spreadsheetId:str totalUpdatedRows:int totalUpdatedColumns:int \
totalUpdatedCells:int totalUpdatedSheets:int responses:UpdateValuesResponse*
BatchGetValuesResponse spreadsheetId:str valueRanges:ValueRange*
BatchClearValuesRequest ranges:str*
BatchClearValuesResponse spreadsheetId:str clearedRanges:str*
ClearValuesRequest
ClearValuesResponse spreadsheetId:str clearedRange:str
BatchGetValuesByDataFilterRequest dataFilters:DataFilter* majorDimension:str valueRenderOption:str \
dateTimeRenderOption:str
MatchedValueRange valueRange:ValueRange dataFilters:DataFilter*
BatchGetValuesByDataFilterResponse spreadsheetId:str valueRanges:MatchedValueRange*
BatchClearValuesByDataFilterRequest dataFilters:DataFilter*
DataFilterValueRange dataFilter:DataFilter majorDimension:str values:rows
BatchUpdateValuesByDataFilterRequest valueInputOption:str data:DataFilterValueRange* \
includeValuesInResponse:bool responseValueRenderOption:str responseDateTimeRenderOption:str
GetSpreadsheetByDataFilterRequest dataFilters:DataFilter* includeGridData:bool \
excludeTablesInBandedRanges:bool commentsViewMode:str
SearchDeveloperMetadataRequest dataFilters:DataFilter*
MatchedDeveloperMetadata developerMetadata:DeveloperMetadata dataFilters:DataFilter*
SearchDeveloperMetadataResponse matchedDeveloperMetadata:MatchedDeveloperMetadata*
"""

#: Request kinds of the discovery document that Google knows and this emulator refuses by name.
REFUSED = """
addBanding addChart addCommentReply addConditionalFormatRule addDataSource addDimensionGroup
addFilterView addSlicer addTable autoFill cancelDataSourceRefresh cutPaste deleteBanding
deleteComment deleteCommentReply deleteConditionalFormatRule deleteDataSource deleteDimensionGroup
deleteDuplicates deleteEmbeddedObject deleteFilterView deleteRange deleteTable duplicateFilterView
insertComment insertRange pasteData randomizeRange refreshDataSource setDataValidation textToColumns
trimWhitespace updateBanding updateBorders updateChartSpec updateCommentPost
updateConditionalFormatRule updateDataSource updateDimensionGroup updateEmbeddedObjectBorder
updateEmbeddedObjectPosition updateFilterView updateProtectedRange updateSlicerSpec updateTable
"""
REFUSED_KINDS = frozenset(REFUSED.split())


def _read(table: str) -> dict[str, dict[str, str]]:
    messages = {}
    for line in table.strip().splitlines():
        name, *fields = line.split()
        messages[name] = dict(field.split(":", 1) for field in fields)
    return messages


MESSAGES = _read(TABLE)
